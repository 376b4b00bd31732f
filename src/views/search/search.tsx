import { READABLE_FORMATS } from "../../document/index.ts";
import { formatCount, shortRunId } from "../../projection/format.ts";
import { highlightedParts, matchInWords } from "../../projection/search-words.ts";
import type { SearchAnswer, SearchHit } from "../../search/answer.ts";
import { addressAttribute, attribute } from "../attribute.ts";
import { HiddenFields } from "../hidden-fields.tsx";
import type { Problem } from "../model.ts";
import { ProblemNote } from "../problem.tsx";

/** The parameters of the page, which are those of `GET /search`. An empty value is no filter. */
export type SearchFields = Readonly<{
  q: string;
  type: string;
  run: string;
  status: string;
  after: string;
  before: string;
  page: string;
  has: string;
}>;

/** What `/search` shows. */
export type SearchModel = Readonly<{ fields: SearchFields }> &
  (
    | Readonly<{ kind: "empty" }>
    | Readonly<{ kind: "answer"; answer: SearchAnswer; isFirstPage: boolean }>
    | Readonly<{ kind: "problem"; problem: Problem }>
  );

/** `/search`: the chunks of all documents that match a query. */
export function Search({ model }: Readonly<{ model: SearchModel }>): JSX.Element {
  return (
    <>
      <h1>Search</h1>
      <SearchForm fields={model.fields} />
      <FilterLinks fields={model.fields} />
      <section id="search-results" aria-label="Results">
        {model.kind === "empty" ? <QueryHelp /> : ""}
        {model.kind === "problem" ? <Refused q={model.fields.q} problem={model.problem} /> : ""}
        {model.kind === "answer" ? <Results {...model} /> : ""}
      </section>
    </>
  );
}

type FieldsProps = Readonly<{ fields: SearchFields }>;

function SearchForm({ fields }: FieldsProps): JSX.Element {
  const { q, ...filters } = fields;
  return (
    <form class="search-form" method="get" action="/search" aria-label="Search">
      <input
        id="search-text"
        type="search"
        name="q"
        value={attribute(q)}
        maxlength="2000"
        placeholder="Words, &quot;a phrase&quot;, -without, begin*"
        aria-label="Words to search for"
        autofocus={q === ""}
      />
      <HiddenFields fields={filters} />
      <button type="submit" class="primary">
        Search
      </button>
    </form>
  );
}

type Choice = readonly [value: string, label: string];

const CHOICES = [
  ["type", "Format", READABLE_FORMATS.map(({ extensions, label }): Choice => [extensions[0], label])],
  [
    "status",
    "Runs",
    [
      ["done", "done"],
      ["running", "running"],
      ["error", "failed"],
    ],
  ],
  ["has", "Passages", [["doubt", "to review"]]],
] as const satisfies readonly (readonly [keyof SearchFields, string, readonly Choice[]])[];

/** Each filter as links; the chosen one leads back to the search without it. */
function FilterLinks({ fields }: FieldsProps): JSX.Element {
  const chosen = (["run", "after", "before", "page"] as const).filter((name) => fields[name] !== "");
  return (
    <nav class="search-filters" aria-label="Filters">
      {CHOICES.map(([name, title, choices]) => (
        <p>
          <span class="quiet">{title as "safe"}</span>{" "}
          {choices.map(([value, label]) => {
            const isChosen = fields[name] === value;
            return (
              <a
                href={searchAddress({ ...fields, [name]: isChosen ? "" : value })}
                aria-current={isChosen ? "true" : undefined}
              >
                {label as "safe"}
              </a>
            );
          })}
        </p>
      ))}
      {chosen.map((name) => (
        <p>
          <span class="quiet">{name as "safe"}</span>{" "}
          <a href={searchAddress({ ...fields, [name]: "" })} aria-current="true" safe>
            {fields[name]}
          </a>
        </p>
      ))}
    </nav>
  );
}

function searchAddress(fields: SearchFields, cursor = ""): string {
  return addressAttribute("/search", [...Object.entries(fields), ["cursor", cursor]]);
}

type ResultsProps = FieldsProps & Readonly<{ answer: SearchAnswer; isFirstPage: boolean }>;

function Results({ fields, answer, isFirstPage }: ResultsProps): JSX.Element {
  const { total, hits, unindexed, did_you_mean, next } = answer;
  return (
    <>
      <p class="search-total" role="status">
        <strong safe>
          {total === 0 ? "No chunk matches" : formatCount(total, "chunk matches", "chunks match")}
        </strong>
        {unindexed === 0 ? (
          ""
        ) : (
          <span class="quiet" safe>{` · ${formatCount(unindexed, "run")} not searched yet`}</span>
        )}
      </p>
      {did_you_mean === undefined ? (
        ""
      ) : (
        <Suggestion fields={fields} text={did_you_mean} isUsed={total > 0} />
      )}
      {total === 0 ? <NothingFound fields={fields} /> : ""}
      <ol class="search-hits">
        {hits.map((hit) => (
          <Hit hit={hit} fields={fields} />
        ))}
      </ol>
      <p class="older">
        {isFirstPage ? "" : <a href={searchAddress(fields)}>First results</a>}{" "}
        {next === null ? "" : <a href={searchAddress(fields, next)}>More results</a>}
      </p>
    </>
  );
}

type SuggestionProps = FieldsProps & Readonly<{ text: string; isUsed: boolean }>;

function Suggestion({ fields, text, isUsed }: SuggestionProps): JSX.Element {
  return (
    <p>
      {isUsed ? "Shown are results for " : "Did you mean "}
      <a href={searchAddress({ ...fields, q: text })} dir="auto" safe>
        {text}
      </a>
      {isUsed ? ", because no chunk has the words as they are written." : "?"}
    </p>
  );
}

/** A search without a result, and what could be left out of it. */
function NothingFound({ fields }: FieldsProps): JSX.Element {
  const hasFilter = Object.entries(fields).some(([name, value]) => name !== "q" && value !== "");
  const { q } = fields;
  return (
    <ul class="quiet search-advice">
      {hasFilter ? (
        <li>
          <a href={searchAddress({ ...EMPTY_FIELDS, q })}>Search without filters</a>
        </li>
      ) : (
        ""
      )}
      {q.includes('"') ? (
        <li>
          <a href={searchAddress({ ...fields, q: q.replaceAll('"', "") })}>
            Search for the words of the phrase
          </a>
        </li>
      ) : (
        ""
      )}
      <li>Search for fewer or other words, or for the beginning of one: invoic*</li>
    </ul>
  );
}

export const EMPTY_FIELDS: SearchFields = {
  q: "",
  type: "",
  run: "",
  status: "",
  after: "",
  before: "",
  page: "",
  has: "",
};

/** The title leads to the match in the document. */
function Hit({ hit, fields }: FieldsProps & Readonly<{ hit: SearchHit }>): JSX.Element {
  const { run_id, title, heading_path, page, doubtful, duplicates, source, snippet } = hit;
  const [from, to] = source.span;
  return (
    <li class="search-hit">
      <h2 dir="auto">
        <a href={`/artifacts/${run_id}:docir?span=${from}-${to}#cited`} safe>
          {title}
        </a>
      </h2>
      {heading_path.length === 0 ? (
        ""
      ) : (
        <p class="search-path quiet" dir="auto" safe>
          {heading_path.join(" › ")}
        </p>
      )}
      <p class="search-snippet" dir="auto">
        {highlightedParts(snippet).map(({ text, isHighlighted }) =>
          isHighlighted ? <mark safe>{text}</mark> : <span safe>{text}</span>,
        )}
      </p>
      <p class="search-facts quiet">
        <a class="search-run" href={`/runs/${run_id}`} title={`The run ${run_id}`}>
          <code safe>{shortRunId(run_id)}</code>
        </a>
        {page === undefined ? "" : <span safe>{`page ${page}`}</span>}
        {doubtful ? (
          <span class="mark" data-tone="warn">
            to review
          </span>
        ) : (
          ""
        )}
        {duplicates === 0 ? "" : <span safe>{`and ${formatCount(duplicates, "similar chunk")}`}</span>}
        <span class="search-why" safe>
          {matchInWords(hit.matched)}
        </span>
        {fields.run === "" ? (
          <a href={searchAddress({ ...fields, run: run_id })}>only in this document</a>
        ) : (
          ""
        )}
      </p>
    </li>
  );
}

/** The query with the place of the fault. */
function Refused({ q, problem }: Readonly<{ q: string; problem: Problem }>): JSX.Element {
  const { at, field, reason } = problem.detail;
  if (field !== "q" || typeof at !== "number" || typeof reason !== "string")
    return <ProblemNote problem={problem} />;
  return (
    <div class="problem" data-code={problem.code}>
      <p class="problem-message" safe>{`The query ${reason}.`}</p>
      <p class="search-fault" dir="auto">
        <code safe>{q.slice(0, at)}</code>
        <mark safe>{q.slice(at) || " "}</mark>
      </p>
    </div>
  );
}

const EXAMPLES = [
  ["net amount", "chunks that have one of the words; best are those with both"],
  ['"net amount"', "only chunks in which these words stand next to each other"],
  ["-draft", "only chunks without this word"],
  ["invoic*", "words that begin like this"],
  ["page:3-5 after:2026-01-31", "chunks on these pages, of runs since this day"],
  ["type:pdf status:done has:doubt", "the filters above, as words"],
] as const;

function QueryHelp(): JSX.Element {
  return (
    <dl class="help-list search-help">
      {EXAMPLES.map(([query, finds]) => (
        <div>
          <dt>
            <code>{query}</code>
          </dt>
          <dd>{finds as "safe"}</dd>
        </div>
      ))}
    </dl>
  );
}
