import type { BatchItemView, BatchView, ItemState } from "../../projection/batch-view.ts";
import { summaryInWords } from "../../projection/batch-view.ts";
import { formatBytes, shortRunId } from "../../projection/format.ts";
import { problemInWords } from "../../projection/problem-words.ts";
import type { DataState, Problem } from "../model.ts";
import { Moment, Zone } from "../moment.tsx";
import { ProblemNote } from "../problem.tsx";
import { StateMark } from "../state-mark.tsx";
import { versionOf } from "../version.ts";

/** What `/batches/:id` shows. */
export type BatchModel =
  | Readonly<{ kind: "batch"; batch: BatchView }>
  | Readonly<{ kind: "problem"; problem: Problem; batchId: string }>;

const REFRESH_MS = 2_000;

/** `#batch`: the summary of a batch and its documents. It refreshes itself until every run has ended. */
export function Batch({ model }: Readonly<{ model: BatchModel }>): JSX.Element {
  const [id, refreshes] =
    model.kind === "batch"
      ? [model.batch.batch_id, model.batch.status === "running"]
      : [model.batchId, model.problem.transient];
  return (
    <div
      id="batch"
      data-batch={model.kind === "batch" ? id : undefined}
      data-state={batchStateOf(model)}
      data-version={versionOf(model)}
      {...(refreshes
        ? {
            "hx-get": `/batches/${id}`,
            "hx-trigger": `every ${REFRESH_MS / 1_000}s`,
            "hx-swap": "outerHTML",
          }
        : {})}
    >
      {model.kind === "problem" ? (
        <>
          <h1>Batch</h1>
          <ProblemNote problem={model.problem} />
        </>
      ) : (
        <OpenBatch batch={model.batch} />
      )}
    </div>
  );
}

export function batchStateOf(model: BatchModel): DataState {
  return model.kind === "problem" ? "error" : model.batch.status;
}

function OpenBatch({ batch }: Readonly<{ batch: BatchView }>): JSX.Element {
  const { batch_id, created_at, summary, items } = batch;
  return (
    <>
      <h1 safe>{`Batch: ${summaryInWords(summary)}`}</h1>
      <p class="quiet">
        <code safe>{batch_id}</code> · <Moment epochMs={created_at} form="second" />{" "}
        <Zone epochMs={created_at} />
      </p>
      <Progress summary={summary} />
      <p class="actions">
        <a class="button" id="batch-json" href={`/ui/batches/${batch_id}/json`}>
          JSON
        </a>
        {batch.status === "running" ? (
          <a class="button no-script" id="batch-reload" href={`/batches/${batch_id}`}>
            Reload
          </a>
        ) : (
          ""
        )}
      </p>
      {items.length === 0 ? <p class="quiet">No document has arrived.</p> : <Items items={items} />}
    </>
  );
}

const SEGMENTS = ["done", "repeated", "running", "cancelled", "failed", "refused"] as const;

/** The share of each state as one bar. */
function Progress({ summary }: Pick<BatchView, "summary">): JSX.Element {
  let x = 0;
  return (
    <svg class="track batch-progress" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {SEGMENTS.map((state) => {
        const width = summary.total === 0 ? 0 : (summary[state] / summary.total) * 100;
        const from = x;
        x += width;
        return width === 0 ? (
          ""
        ) : (
          <rect class={`share-${state}`} x={String(from)} y="0" width={String(width)} height="10" />
        );
      })}
    </svg>
  );
}

function Items({ items }: Pick<BatchView, "items">): JSX.Element {
  return (
    <table class="list-table">
      <caption class="visually-hidden">
        The documents of this batch, in the order in which they arrived
      </caption>
      <thead>
        <tr>
          <th scope="col">Document</th>
          <th scope="col">State</th>
          <th scope="col">Size</th>
          <th scope="col">Run</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Item item={item} />
        ))}
      </tbody>
    </table>
  );
}

function Item({ item }: Readonly<{ item: BatchItemView }>): JSX.Element {
  const { filename, title, run_id, bytes } = item;
  const name = title ?? filename ?? "Document";
  return (
    <tr>
      <td dir="auto">
        {run_id === null ? (
          <span safe>{name}</span>
        ) : (
          <a href={`/runs/${run_id}`} safe>
            {name}
          </a>
        )}
        {filename === null || filename === name ? (
          ""
        ) : (
          <>
            {" "}
            <span class="quiet" safe>
              {filename}
            </span>
          </>
        )}
      </td>
      <td>
        {run_id === null ? (
          ""
        ) : (
          <StateMark status={item.status ?? "unknown"} dbosStatus={item.dbos_status ?? "not started"} />
        )}{" "}
        <span safe>{stateInWords(item)}</span>
      </td>
      <td class="number" safe>
        {bytes === null ? "–" : formatBytes(bytes)}
      </td>
      <td>{run_id === null ? "–" : <code safe>{shortRunId(run_id)}</code>}</td>
    </tr>
  );
}

const STATE_WORDS: Readonly<Record<Exclude<ItemState, "failed" | "refused" | "repeated">, string>> = {
  done: "done",
  running: "running",
  cancelled: "cancelled",
};

function stateInWords({ state, repeats, error, refusal, dbos_status }: BatchItemView): string {
  if (state === "repeated") return `the same as document ${(repeats ?? 0) + 1}; one run`;
  if (state === "refused") return `refused: ${refusalInWords(refusal)}`;
  if (state === "failed") return error === null ? `failed (${dbos_status})` : `failed: ${error.message}`;
  return STATE_WORDS[state];
}

function refusalInWords(refusal: BatchItemView["refusal"]): string {
  if (refusal === null) return "";
  const { error, message, ...detail } = refusal;
  const words = problemInWords(error, message, detail);
  const { field, reason } = detail as Readonly<Record<string, unknown>>;
  // The API names the part of the request that it refused.
  return words === message && typeof reason === "string" ? `${words} ${field} ${reason}.` : words;
}
