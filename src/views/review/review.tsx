import { RULES } from "../../document/confidence.ts";
import { DECISIONS } from "../../domain/review.ts";
import { reasonInWords } from "../../projection/confidence-reasons.ts";
import { formatCount, shortRunId } from "../../projection/format.ts";
import { addressOf } from "../../projection/page-params.ts";
import { decisionInWords, type ReviewView } from "../../projection/review-view.ts";
import { attribute } from "../attribute.ts";
import { HiddenFields } from "../hidden-fields.tsx";
import type { Problem } from "../model.ts";
import { ProblemNote } from "../problem.tsx";

/** The filters of the queue. An empty value is no filter; an empty `state` is `open`. */
export type ReviewFields = Readonly<{ state: string; reason: string; run: string }>;

/** What `/review` shows. */
export type ReviewModel = Readonly<{ fields: ReviewFields }> &
  (
    | Readonly<{ kind: "problem"; problem: Problem }>
    | Readonly<{
        kind: "queue";
        open: number;
        items: readonly ReviewView[];
        next: number | null;
        isFirstPage: boolean;
        /** A decision that was refused, above the queue. */
        refused: Problem | null;
      }>
  );

/** `/review`: the doubtful passages of all runs. */
export function Review({ model }: Readonly<{ model: ReviewModel }>): JSX.Element {
  return (
    <>
      <h1>Review</h1>
      <ReviewFilters fields={model.fields} />
      {model.kind === "problem" ? <ProblemNote problem={model.problem} /> : <Queue {...model} />}
    </>
  );
}

type FieldsProps = Readonly<{ fields: ReviewFields }>;

const STATES = [
  ["", "open"],
  ...DECISIONS.map((decision) => [decision, decision] as const),
  ["all", "all"],
] as const;

function ReviewFilters({ fields }: FieldsProps): JSX.Element {
  const reasons = Object.keys(RULES);
  return (
    <nav class="search-filters" aria-label="Filters">
      <p>
        <span class="quiet">Passages</span>{" "}
        {STATES.map(([state, label]) => (
          <a
            href={attribute(reviewAddress({ ...fields, state }))}
            aria-current={fields.state === state ? "page" : undefined}
          >
            {label as "safe"}
          </a>
        ))}
      </p>
      <details open={fields.reason !== ""}>
        <summary class="filter-summary">Reason</summary>
        {["", ...reasons].map((reason) => (
          <a
            href={attribute(reviewAddress({ ...fields, reason }))}
            aria-current={fields.reason === reason ? "page" : undefined}
            safe
          >
            {reason === "" ? "any" : reasonInWords(reason)}
          </a>
        ))}
      </details>
      {fields.run === "" ? (
        ""
      ) : (
        <p>
          <span class="quiet">run</span>{" "}
          <a href={attribute(reviewAddress({ ...fields, run: "" }))} aria-current="true" safe>
            {shortRunId(fields.run)}
          </a>
        </p>
      )}
    </nav>
  );
}

/** The address of the queue with these filters. */
export function reviewAddress(fields: ReviewFields, after: number | null = null): string {
  return addressOf("/review", [...Object.entries(fields), ["after", after]]);
}

type QueueProps = Omit<Extract<ReviewModel, { kind: "queue" }>, "kind">;

function Queue({ fields, open, items, next, isFirstPage, refused }: QueueProps): JSX.Element {
  return (
    <>
      {refused === null ? "" : <ProblemNote problem={refused} />}
      <p class="search-total" role="status">
        <strong safe>{open === 0 ? "Nothing is open" : `${formatCount(open, "passage")} open`}</strong>
        <span class="quiet script-only">
          {" "}
          · <kbd>a</kbd> accept <kbd>c</kbd> correct <kbd>s</kbd> skip <kbd>n</kbd> next <kbd>p</kbd> previous
        </span>
      </p>
      {items.length === 0 ? <p class="quiet">No passage matches these filters.</p> : ""}
      <ol id="review-queue" class="search-hits">
        {items.map((item) => (
          <Item item={item} fields={fields} />
        ))}
      </ol>
      <p class="older">
        {isFirstPage ? "" : <a href={attribute(reviewAddress(fields))}>First passages</a>}{" "}
        {next === null ? "" : <a href={attribute(reviewAddress(fields, next))}>More passages</a>}
      </p>
    </>
  );
}

function Item({ item, fields }: FieldsProps & Readonly<{ item: ReviewView }>): JSX.Element {
  const { id, run_id, title, reason, confidence, page, span, decision } = item;
  const name = id.replace(":", "-");
  return (
    <li id={`review-${name}`} class="search-hit review-item" tabindex="-1" aria-labelledby={`title-${name}`}>
      <h2 id={`title-${name}`} dir="auto">
        <a href={`/artifacts/${run_id}:docir?span=${span[0]}-${span[1]}#cited`} safe>
          {title}
        </a>
      </h2>
      <p class="search-facts quiet">
        <span class="mark" data-tone="warn" safe>
          {`${Math.round(confidence * 100)} % · ${reasonInWords(reason)}`}
        </span>
        {page === undefined ? "" : <span safe>{`page ${page}`}</span>}
        <a href={`/runs/${run_id}`} title={`The run ${run_id}`}>
          <code safe>{shortRunId(run_id)}</code>
        </a>
        {fields.run === "" ? (
          <a href={attribute(reviewAddress({ ...fields, run: run_id }))}>only this document</a>
        ) : (
          ""
        )}
      </p>
      <p class="search-snippet" dir="auto">
        <span class="quiet" safe>
          {item.before}
        </span>
        <mark safe>{item.quote}</mark>
        <span class="quiet" safe>
          {item.after}
        </span>
      </p>
      {decision === null ? (
        ""
      ) : (
        <p>
          <span class="mark" data-tone="good" safe>
            {decisionInWords(decision)}
          </span>{" "}
          <span dir="auto" safe>
            {decision.note ?? ""}
          </span>
        </p>
      )}
      <DecisionForm id={id} fields={fields} />
    </li>
  );
}

/** One form for the three decisions. It leads back to the queue, so it needs no script. */
function DecisionForm({ id, fields }: FieldsProps & Readonly<{ id: string }>): JSX.Element {
  return (
    <form class="review-form" method="post" action={`/ui/review/${id}`}>
      <HiddenFields fields={fields} />
      <button type="submit" name="decision" value="accepted" data-key="a">
        Accept
      </button>
      <button type="submit" name="decision" value="skipped" data-key="s">
        Skip
      </button>
      <input
        type="text"
        name="note"
        maxlength="2000"
        placeholder="What it should say"
        aria-label="Note for a correction"
        data-key="c"
      />
      <button type="submit" name="decision" value="corrected">
        Correct
      </button>
    </form>
  );
}
