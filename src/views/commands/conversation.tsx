import { pageParamEntries } from "../../projection/page-params.ts";
import type { ConversationModel } from "../model.ts";
import { CommandList } from "./command-list.tsx";

/** `#conv`: the command box, and the ledger of commands under its filters. */
export function Conversation(model: ConversationModel): JSX.Element {
  return (
    <div id="conv">
      <CommandForm typed={model.typed} params={model.params} />
      <Filters {...model} />
      <CommandList model={model.commandList} />
    </div>
  );
}

function CommandForm({ typed, params }: Pick<ConversationModel, "typed" | "params">): JSX.Element {
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
      <div class="command-row">
        <label class="file">
          <span class="file-label">
            File <span id="file-name" class="file-name"></span>
          </span>
          <input id="file" type="file" name="file" accept="text/*,.md,.markdown,.txt" />
        </label>
        <label class="sleep" title="How long the run sleeps after its first step">
          Sleep
          <input
            id="sleep-ms"
            name="sleepMs"
            type="number"
            min="1"
            max="86400000"
            inputmode="numeric"
            value={params.sleepMs === null ? "" : String(params.sleepMs)}
            placeholder="1"
          />
          ms
        </label>
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

const STATUSES = [
  ["", "any status"],
  ["running", "running"],
  ["done", "done"],
  ["error", "error"],
  ["unknown", "unknown"],
] as const;

/** In the address with a script and without one: a GET form of the page it stands on. */
function Filters({ filters, pathname, params }: ConversationModel): JSX.Element {
  return (
    <form
      id="filters"
      class="filters"
      method="get"
      action={pathname}
      aria-label="Filter the commands"
      hx-get="/ui/commands"
      hx-target="#commands"
      hx-swap="outerHTML"
      hx-trigger="input changed delay:200ms from:#filter-text, change from:#filter-status, submit"
      hx-sync="this:replace"
    >
      <input
        id="filter-text"
        type="search"
        name="q"
        value={filters.q.replaceAll("&", "&amp;")}
        maxlength="200"
        placeholder="Filter commands"
        aria-label="Title, file name or run id"
      />
      <select id="filter-status" name="status" aria-label="Status">
        {STATUSES.map(([value, label]) => (
          <option value={value} selected={filters.status === value}>
            {label as "safe"}
          </option>
        ))}
      </select>
      <button type="submit" class="no-script">
        Filter
      </button>
      {pageParamEntries(params).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </form>
  );
}
