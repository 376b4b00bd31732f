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

/** The help dialog, opened with `?`. Users of speech input can turn single-key shortcuts off (WCAG 2.1.4). */
export function HelpDialog(): JSX.Element {
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Help</h2>
      <h3 class="help-title">Commands</h3>
      <CommandHelp />
      <h3 class="help-title">Keys</h3>
      <KeyHelp />
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
      <p>
        <a href="/">Back to the commands</a>
      </p>
      <h1>Help</h1>
      <h2 class="help-title">Commands</h2>
      <CommandHelp />
      <h2 class="help-title">Keys</h2>
      <KeyHelp />
    </main>
  );
}
