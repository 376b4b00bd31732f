import { pageParamEntries } from "../../projection/page-params.ts";
import { attribute } from "../attribute.ts";
import type { ConversationModel } from "../model.ts";

const STATUSES = [
  ["", "any status"],
  ["running", "running"],
  ["done", "done"],
  ["error", "error"],
  ["unknown", "unknown"],
] as const;

/** `#filters`: a GET form, so that the filters are in the page address with and without a script. */
export function CommandFilterForm({ filters, pathname, params }: ConversationModel): JSX.Element {
  return (
    <form
      id="filters"
      class="filters"
      method="get"
      action={attribute(pathname)}
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
        value={attribute(filters.q)}
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
