import { READABLE_FORMATS } from "../../document/index.ts";
import { pageParamEntries } from "../../projection/page-params.ts";
import type { ConversationModel } from "../model.ts";

/** `#command-form`: starts a run from typed text or from a file. Without a script it is an ordinary form. */
export function CommandForm({ typed, params }: Pick<ConversationModel, "typed" | "params">): JSX.Element {
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
      data-drop
    >
      <CommandBox typed={typed} />
      <div class="command-row">
        <FileField />
        <SleepField sleepMs={params.sleepMs} />
        <button id="command-run" class="primary" type="submit">
          Run
        </button>
      </div>
      <p id="cmd-hint" class="visually-hidden">
        Type /doc and the text of a document, or choose a file. /help lists the commands.
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
        placeholder="/doc the text of a document"
        spellcheck="false"
        aria-describedby="cmd-hint"
        safe
      >
        {typed}
      </textarea>
    </>
  );
}

/** What the file picker offers: the names of the formats that have a reader. */
const ACCEPTED_FILES = READABLE_FORMATS.flatMap(({ mediaType, extensions }) => [
  mediaType,
  ...extensions.map((extension) => `.${extension}`),
]).join(",");

function FileField(): JSX.Element {
  return (
    <label class="file">
      <span class="file-label">
        File <span id="file-name" class="file-name"></span>
      </span>
      <input id="file" type="file" name="file" accept={ACCEPTED_FILES} />
    </label>
  );
}

function SleepField({ sleepMs }: Pick<ConversationModel["params"], "sleepMs">): JSX.Element {
  return (
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
  );
}
