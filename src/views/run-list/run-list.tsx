import { formatDuration, shortRunId } from "../../projection/format.ts";
import type { RunSummaryView } from "../../projection/run-summary-view.ts";
import { attribute } from "../attribute.ts";
import { HiddenFields } from "../hidden-fields.tsx";
import type { Problem } from "../model.ts";
import { Ago } from "../moment.tsx";
import { ProblemNote } from "../problem.tsx";
import { StateMark } from "../state-mark.tsx";
import { BULK_ADDRESS, BulkBar } from "./bulk-change.tsx";
import { type FieldsProps, type RunListFields, runListAddress } from "./fields.ts";
import { FilterForm, FilterLinks, Views } from "./filters.tsx";

/** What `/runs` shows. */
export type RunListModel = Readonly<{
  fields: RunListFields;
  nowEpochMs: number;
  /** Nothing can be changed: the list is that of a bundle. */
  isReadOnly: boolean;
}> &
  (
    | Readonly<{ kind: "problem"; problem: Problem }>
    | Readonly<{
        kind: "list";
        runs: readonly RunSummaryView[];
        next: string | null;
        isFirstPage: boolean;
      }>
  );

/** `/runs`: all runs, with filters. */
export function RunList({ model }: Readonly<{ model: RunListModel }>): JSX.Element {
  const { fields, nowEpochMs } = model;
  return (
    <>
      <h1>Runs</h1>
      <FilterForm fields={fields} />
      <FilterLinks fields={fields} nowEpochMs={nowEpochMs} />
      <Views />
      {model.kind === "problem" ? <ProblemNote problem={model.problem} /> : <Results {...model} />}
    </>
  );
}

type ResultsProps = Extract<RunListModel, { kind: "list" }>;

function Results({ fields, runs, next, isFirstPage, nowEpochMs, isReadOnly }: ResultsProps): JSX.Element {
  const isFiltered = Object.values(fields).some((value) => value !== "");
  return (
    <>
      {runs.length === 0 ? (
        <p class="empty quiet">{isFiltered ? "No run matches these filters." : "There are no runs yet."}</p>
      ) : (
        <RunForm fields={fields} isReadOnly={isReadOnly}>
          <RunTable runs={runs} fields={fields} nowEpochMs={nowEpochMs} isReadOnly={isReadOnly} />
        </RunForm>
      )}
      <p class="older">
        {isFirstPage ? "" : <a href={runListAddress(fields)}>First page</a>}{" "}
        {next === null ? (
          ""
        ) : (
          <a href={runListAddress(fields, next)} rel="next">
            {nextWordsOf(fields.order) as "safe"}
          </a>
        )}
      </p>
    </>
  );
}

function nextWordsOf(order: string): string {
  if (order === "oldest") return "Newer runs";
  return order === "" || order === "newest" ? "Older runs" : "More runs";
}

type RunFormProps = FieldsProps & Readonly<{ isReadOnly: boolean; children: JSX.Element }>;

/** The form around the list, whose buttons change the ticked runs. */
function RunForm({ fields, isReadOnly, children }: RunFormProps): JSX.Element {
  if (isReadOnly) return children;
  return (
    <form method="post" action={BULK_ADDRESS}>
      <BulkBar />
      <HiddenFields fields={fields} />
      {children as "safe"}
    </form>
  );
}

type RunTableProps = FieldsProps &
  Readonly<{ runs: readonly RunSummaryView[]; nowEpochMs: number; isReadOnly: boolean }>;

/** `first`: the order when its heading is chosen, `second` when it is chosen again; null for a column without an order. */
type Column = Readonly<{ name: string; first: string | null; second: string | null }>;

const COLUMNS: readonly Column[] = [
  { name: "Title", first: "title", second: "-title" },
  { name: "State", first: "state", second: "-state" },
  { name: "Step", first: null, second: null },
  { name: "To review", first: "-doubts", second: "doubts" },
  { name: "Waited", first: "-waited", second: "waited" },
  { name: "Worked", first: "-worked", second: "worked" },
  { name: "Started", first: "", second: "oldest" },
];

function RunTable({ fields, runs, nowEpochMs, isReadOnly }: RunTableProps): JSX.Element {
  return (
    <table id="runs-table" class="list-table runs-table">
      <caption class="visually-hidden">Runs. A heading that is a link changes the order.</caption>
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <ColumnHeading column={column} fields={fields} isReadOnly={isReadOnly} />
          ))}
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow run={run} nowEpochMs={nowEpochMs} isReadOnly={isReadOnly} />
        ))}
      </tbody>
    </table>
  );
}

type ColumnHeadingProps = FieldsProps & Readonly<{ column: Column; isReadOnly: boolean }>;

/** The list of a bundle has one run, and no order. */
function ColumnHeading({ column, fields, isReadOnly }: ColumnHeadingProps): JSX.Element {
  const { name, first, second } = column;
  if (first === null || second === null || isReadOnly) return <th scope="col">{name as "safe"}</th>;
  const order = fields.order === "newest" ? "" : fields.order;
  const isSorted = order === first || order === second;
  const next = order === first ? second : first;
  return (
    <th scope="col" aria-sort={isSorted ? (isAscending(order) ? "ascending" : "descending") : undefined}>
      <a href={runListAddress({ ...fields, order: next })} safe>
        {name}
      </a>
    </th>
  );
}

function isAscending(order: string): boolean {
  return order !== "" && !order.startsWith("-");
}

type RunRowProps = Readonly<{ run: RunSummaryView; nowEpochMs: number; isReadOnly: boolean }>;

function RunRow({ run, nowEpochMs, isReadOnly }: RunRowProps): JSX.Element {
  const { run_id, title, status, dbos_status, step, doubts, waited_ms, worked_ms, created_at } = run;
  return (
    <tr>
      <td>
        {isReadOnly ? "" : <Tick runId={run_id} title={title} />}
        <StateMark status={status} dbosStatus={dbos_status} />{" "}
        <a href={`/runs/${run_id}`} title={run_id} dir="auto" safe>
          {title ?? shortRunId(run_id)}
        </a>
        <ForkMarks run={run} />
      </td>
      <td data-label="State">
        {dbos_status === "CANCELLED" ? "cancelled" : status === "error" ? "failed" : status}
      </td>
      <td data-label="Step" safe>
        {step ?? ""}
      </td>
      <td data-label="To review">{doubts === 0 ? "" : <a href={`/review?run=${run_id}`}>{doubts}</a>}</td>
      <td data-label="Waited" safe>
        {waited_ms === 0 ? "" : formatDuration(waited_ms)}
      </td>
      <td data-label="Worked" safe>
        {formatDuration(worked_ms)}
      </td>
      <td data-label="Started">
        <Ago epochMs={created_at} nowEpochMs={nowEpochMs} />
      </td>
    </tr>
  );
}

function Tick({ runId, title }: Pick<RunSummaryView, "title"> & Readonly<{ runId: string }>): JSX.Element {
  const label = `Choose ${title ?? runId}`;
  return (
    <label class="tick">
      <input type="checkbox" name="run" value={runId} aria-label={attribute(label)} />
    </label>
  );
}

/** Where a fork came from, and that a run which did not succeed was continued by a fork. */
function ForkMarks({ run }: Readonly<{ run: RunSummaryView }>): JSX.Element {
  const { forked_from, continued_by } = run;
  return (
    <>
      {forked_from === null ? "" : <ForkMark words="fork of" runId={forked_from} />}
      {continued_by === null ? "" : <ForkMark words="continued by" runId={continued_by} />}
    </>
  );
}

function ForkMark({ words, runId }: Readonly<{ words: string; runId: string }>): JSX.Element {
  return (
    <span class="quiet fork-mark">
      {" "}
      {words as "safe"}{" "}
      <a href={`/runs/${runId}`} safe>
        {shortRunId(runId)}
      </a>
    </span>
  );
}
