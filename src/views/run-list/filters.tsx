import { READABLE_FORMATS } from "../../document/index.ts";
import { formatInstant } from "../../projection/format.ts";
import { attribute } from "../attribute.ts";
import { HiddenFields } from "../hidden-fields.tsx";
import { type FieldsProps, type RunListFields, runListAddress } from "./fields.ts";

/** A GET form; hidden fields keep the filters that are links. */
export function FilterForm({ fields }: FieldsProps): JSX.Element {
  const { q, to } = fields;
  return (
    <form class="search-form" method="get" action="/runs" aria-label="Filter the runs">
      <input
        id="runs-text"
        type="search"
        name="q"
        value={attribute(q)}
        maxlength="200"
        placeholder="Title or run id"
        aria-label="Title or run id"
      />
      <label>
        <span class="quiet">Go to day</span>{" "}
        <input
          id="runs-to"
          type="date"
          name="to"
          value={attribute(to)}
          title="Runs that were started on this day or earlier, in UTC"
        />
      </label>
      <HiddenFields fields={{ ...fields, q: "", to: "" }} />
      <button type="submit" class="primary">
        Show
      </button>
    </form>
  );
}

type Choice = readonly [value: string, label: string];

const CHOICES = [
  [
    "status",
    "State",
    [
      ["running", "running"],
      ["done", "done"],
      ["error", "failed or cancelled"],
      ["unknown", "unknown"],
    ],
  ],
  ["type", "Format", READABLE_FORMATS.map(({ extensions, label }): Choice => [extensions[0], label])],
  ["has", "Passages", [["doubt", "to review"]]],
] as const satisfies readonly (readonly [keyof RunListFields, string, readonly Choice[]])[];

const DAY_MS = 86_400_000;

/** Days back from the present one, in UTC. */
const AGES = [
  [0, "today"],
  [6, "7 days"],
  [29, "30 days"],
] as const;

/** The filters and, on a narrow screen, the order. */
export function FilterLinks({
  fields,
  nowEpochMs,
}: FieldsProps & Readonly<{ nowEpochMs: number }>): JSX.Element {
  const ages = AGES.map(([days, label]): Choice => [dayOf(nowEpochMs - days * DAY_MS), label]);
  return (
    <nav class="search-filters" aria-label="Filters">
      {CHOICES.map(([name, title, choices]) => (
        <Choices fields={fields} name={name} title={title} choices={choices} />
      ))}
      <Choices fields={fields} name="from" title="Started in" choices={ages} />
      <Choices fields={fields} name="order" title="Order" choices={ORDERS} isForNarrow />
    </nav>
  );
}

/** On a narrow screen the table has no headings, so links choose the order. */
const ORDERS: readonly Choice[] = [
  ["oldest", "oldest first"],
  ["title", "by title"],
  ["state", "by state"],
  ["-doubts", "most to review"],
  ["-waited", "longest wait"],
  ["-worked", "most work"],
];

/** Named views: the script fills the list with those that this browser keeps. */
export function Views(): JSX.Element {
  return (
    <div class="views script-only">
      <span class="quiet" id="views-title">
        Views
      </span>
      <ul id="views-list" aria-labelledby="views-title"></ul>
      <form id="view-form">
        <input id="view-name" maxlength="60" required placeholder="Name" aria-label="Name of the view" />
        <button type="submit">Keep these filters</button>
      </form>
      <template id="view-item">
        <li>
          <a href="/runs">view</a>
          <button type="button" class="link" aria-label="Remove the view">
            ×
          </button>
        </li>
      </template>
    </div>
  );
}

function dayOf(epochMs: number): string {
  return formatInstant(epochMs).slice(0, 10);
}

type ChoicesProps = FieldsProps &
  Readonly<{
    name: keyof RunListFields;
    title: string;
    choices: readonly Choice[];
    isForNarrow?: boolean;
  }>;

/** A filter as links; the chosen one leads back to the list without it. */
function Choices({ fields, name, title, choices, isForNarrow = false }: ChoicesProps): JSX.Element {
  return (
    <p class={isForNarrow ? "narrow-only" : undefined}>
      <span class="quiet" safe>
        {title}
      </span>{" "}
      {choices.map(([value, label]) => {
        const isChosen = fields[name] === value;
        return (
          <a
            href={runListAddress({ ...fields, [name]: isChosen ? "" : value })}
            aria-current={isChosen ? "true" : undefined}
            safe
          >
            {label}
          </a>
        );
      })}
    </p>
  );
}
