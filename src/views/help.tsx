const COMMANDS = [
  ["/doc TEXT", "starts a durable run on the text: raw, docir, chunk-index and memo come out"],
  ["/doc with a file", "the same on a file; drop it on the command box or choose it"],
  ["/help", "shows this list"],
] as const;

const KEYS = [
  ["/", "begins a command"],
  ["j k", "next and previous run in the list"],
  ["Enter", "opens the run; in the command box it runs the command"],
  ["Shift Enter", "a new line in the command box"],
  ["1 2 3", "to the commands, the run, the artifacts"],
  ["?", "opens and closes this"],
  ["Esc", "leaves the command box"],
] as const;

/** What the command box understands. */
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

export function KeyHelp(): JSX.Element {
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

/** Opened by `?`; single keys can be turned off, for those who speak to their computer (WCAG 2.1.4). */
export function Keys(): JSX.Element {
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Help</h2>
      <h3 class="help-title">Commands</h3>
      <CommandHelp />
      <h3 class="help-title">Keys</h3>
      <KeyHelp />
      <form class="dialog-form" method="dialog">
        <label>
          <input type="checkbox" id="keys-enabled" checked /> Single keys work
        </label>
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

/** `/ui/help`: the same without a script. */
export function HelpPage(): JSX.Element {
  return (
    <main class="sheet">
      <p>
        <a href="/">Back to the planes</a>
      </p>
      <h1>Help</h1>
      <h2 class="help-title">Commands</h2>
      <CommandHelp />
      <h2 class="help-title">Keys</h2>
      <KeyHelp />
    </main>
  );
}
