import { ARTIFACT_TYPES } from "../domain/artifact.ts";

const COMMANDS = [
  ["/doc TEXT", `starts a run on this text and makes the artifacts ${ARTIFACT_TYPES.join(", ")}`],
  ["/doc with a file", "starts a run on a file: choose it, or drop it anywhere on the page"],
  ["/help", "shows this list"],
] as const;

const KEYS = [
  ["/", "go to the command box"],
  ["j k", "next and previous run in the list"],
  ["Enter", "in the list: open the run; in the command box: run the command"],
  ["Shift Enter", "new line in the command box"],
  ["n p", "the next and the previous citation of the memo, in the document"],
  ["1 2 3", "go to the commands, the run, the artifacts"],
  ["?", "open and close this help"],
  ["Esc", "leave the command box"],
] as const;

/** The commands that the command box accepts. */
export function CommandHelp(): JSX.Element {
  return (
    <dl class="help-list">
      {COMMANDS.map(([command, does]) => (
        <div>
          <dt>
            <code>{command as "safe"}</code>
          </dt>
          <dd>{does as "safe"}</dd>
        </div>
      ))}
    </dl>
  );
}

function KeyHelp(): JSX.Element {
  return (
    <dl class="help-list">
      {KEYS.map(([keys, does]) => (
        <div>
          <dt>
            {keys.split(" ").map((key) => (
              <kbd>{key as "safe"}</kbd>
            ))}
          </dt>
          <dd>{does as "safe"}</dd>
        </div>
      ))}
    </dl>
  );
}

const STATES = [
  ["running", "running"],
  ["done", "done"],
  ["error", "failed, or of an unknown status"],
  ["cancelled", "cancelled"],
] as const;

const BARS = [
  ["work", "a step at work; its length is to scale"],
  ["sleep", "the sleep of the run"],
  ["failed", "a step that failed"],
  ["break", "a time without work, drawn shorter than it was"],
] as const;

const MARKS = [
  ["from checkpoint", "good", "the stored result of an earlier execution was used"],
  ["recovered", "warn", "the process ended, and the run continued from its last completed step"],
  ["2 attempts", "warn", "the first attempt failed, and the second one did not"],
  ["once", "good", "the effect has a receipt and was performed once"],
] as const;

/** What the shapes, bars and labels of a run mean. */
function Legend(): JSX.Element {
  return (
    <dl class="help-list legend">
      {STATES.map(([status, meaning]) => (
        <div>
          <dt>
            <span class="state-mark" data-status={status}></span>
          </dt>
          <dd>{meaning as "safe"}</dd>
        </div>
      ))}
      {BARS.map(([kind, meaning]) => (
        <div>
          <dt>
            <svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class={`bar-${kind}`} x="20" y="1" width="60" height="8" />
            </svg>
          </dt>
          <dd>{meaning as "safe"}</dd>
        </div>
      ))}
      {MARKS.map(([word, tone, meaning]) => (
        <div>
          <dt>
            <span class="mark" data-tone={tone}>
              {word as "safe"}
            </span>
          </dt>
          <dd>{meaning as "safe"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The help dialog, opened with `?`. Users of speech input can turn single-key shortcuts off (WCAG 2.1.4). */
export function HelpDialog(): JSX.Element {
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Help</h2>
      <h3 class="help-title">Commands</h3>
      <CommandHelp />
      <h3 class="help-title">Keys</h3>
      <KeyHelp />
      <h3 class="help-title">Signs</h3>
      <Legend />
      <form class="dialog-form" method="dialog">
        <label>
          <input type="checkbox" id="keys-enabled" checked /> Use single-key shortcuts
        </label>
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

/** `/ui/help`: the same help as a page, for browsers without a script. */
export function HelpPage(): JSX.Element {
  return (
    <main class="sheet">
      <h1>Help</h1>
      <h2 class="help-title">Commands</h2>
      <CommandHelp />
      <h2 class="help-title">Keys</h2>
      <KeyHelp />
      <h2 class="help-title">Signs</h2>
      <Legend />
    </main>
  );
}
