import { acceptedFiles, acceptedInWords } from "../../projection/accepted.ts";
import { pageParamEntries } from "../../projection/page-params.ts";
import type { ConversationModel } from "../model.ts";

type CommandFormProps = Pick<ConversationModel, "typed" | "params" | "hasOcr">;

/** `#command-form`: starts a run from typed text or from a file. Without a script it is an ordinary form. */
export function CommandForm({ typed, params, hasOcr = false }: CommandFormProps): JSX.Element {
  return (
    <form
      id="command-form"
      class="command"
      method="post"
      action="/ui/runs"
      enctype="multipart/form-data"
      hx-post="/ui/runs"
      hx-encoding="multipart/form-data"
      hx-swap="none"
      hx-disabled-elt="#command-run"
      hx-sync="this:drop"
      data-takes={acceptedInWords({ hasOcr })}
    >
      <CommandBox typed={typed} />
      <ul id="tray" class="tray" aria-label="Chosen files" hidden></ul>
      <div class="command-row">
        <FileField hasOcr={hasOcr} />
        <Options sleepMs={params.sleepMs} />
        <button id="command-run" class="primary" type="submit">
          Run
        </button>
      </div>
      <p id="cmd-hint" class="visually-hidden">
        Type or paste the text of a document, or choose files. Several files become a batch. /help lists the
        commands.
      </p>
      {pageParamEntries({ ...params, sleepMs: null }).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </form>
  );
}

function CommandBox({ typed }: Pick<ConversationModel, "typed">): JSX.Element {
  return (
    <>
      <label class="visually-hidden" for="cmd">
        Command
      </label>
      <textarea
        id="cmd"
        name="cmd"
        rows="3"
        placeholder="/doc the text of a document, or drop files here"
        spellcheck="false"
        aria-describedby="cmd-hint"
        safe
      >
        {typed}
      </textarea>
    </>
  );
}

function FileField({ hasOcr }: Readonly<{ hasOcr: boolean }>): JSX.Element {
  return (
    <label class="file">
      <span class="file-label">Files</span>
      <input id="file" type="file" name="file" accept={acceptedFiles(hasOcr)} multiple />
    </label>
  );
}

/** Open where the address of the page sets an option. */
function Options({ sleepMs }: Pick<ConversationModel["params"], "sleepMs">): JSX.Element {
  return (
    <details class="options" open={sleepMs !== null}>
      <summary>Options</summary>
      <label class="sleep" title="How long the run sleeps after its first step">
        Sleep
        <input
          id="sleep-ms"
          name="sleepMs"
          type="number"
          min="1"
          max="86400000"
          inputmode="numeric"
          value={sleepMs === null ? "" : String(sleepMs)}
          placeholder="1"
        />
        ms
      </label>
    </details>
  );
}
