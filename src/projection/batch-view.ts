import type { BatchItemRecord, BatchRecord, Refusal } from "../domain/batch.ts";
import { type RunStatus, runStatusOf } from "../domain/run.ts";
import { failureCodeIn } from "../domain/step-facts.ts";
import { type RunError, runErrorOf } from "./run-view.ts";

/** The body of `GET /batches/:id`. */
export type BatchView = Readonly<{
  batch_id: string;
  /** Epoch milliseconds. */
  created_at: number;
  /** `running` while a run of it is; `error` when a document failed, was refused or was cancelled. */
  status: "running" | "done" | "error";
  summary: BatchSummary;
  items: readonly BatchItemView[];
}>;

/** How many documents there are of each kind; `total` is their sum. */
export type BatchSummary = Readonly<Record<"total" | ItemState, number>>;

/** `repeated`: the same bytes came before in this batch. Its run is counted there. */
export type ItemState = "done" | "running" | "failed" | "cancelled" | "refused" | "repeated";

export type BatchItemView = Readonly<{
  /** 0-based; the order in which the documents arrived. */
  position: number;
  state: ItemState;
  filename: string | null;
  bytes: number | null;
  title: string | null;
  run_id: string | null;
  status: RunStatus | null;
  dbos_status: string | null;
  steps: number;
  /** The position of the first document with the same bytes; null for that one. */
  repeats: number | null;
  /** Why the run failed. */
  error: RunError | null;
  /** Why there is no run: the failure as `POST /runs` answers it. */
  refusal: Refusal | null;
}>;

export function batchViewOf({ batchId, createdAtEpochMs, items: records }: BatchRecord): BatchView {
  const firstOf = new Map<string, number>();
  records.forEach(({ runId }, position) => {
    if (runId !== null && !firstOf.has(runId)) firstOf.set(runId, position);
  });
  const items = records.map((record, position) => itemViewOf(record, position, firstOf));
  const count = (state: ItemState) => items.filter((item) => item.state === state).length;
  const summary: BatchSummary = {
    total: items.length,
    done: count("done"),
    running: count("running"),
    failed: count("failed"),
    cancelled: count("cancelled"),
    refused: count("refused"),
    repeated: count("repeated"),
  };
  const isSound = summary.done + summary.repeated === summary.total;
  const status = summary.running > 0 ? "running" : isSound ? "done" : "error";
  return { batch_id: batchId, created_at: createdAtEpochMs, status, summary, items };
}

function itemViewOf(
  record: BatchItemRecord,
  position: number,
  firstOf: ReadonlyMap<string, number>,
): BatchItemView {
  const { filename, bytes, title, runId, dbosStatus, steps, refusal } = record;
  const first = runId === null ? position : (firstOf.get(runId) ?? position);
  // A run whose workflow was deleted from DBOS has no status.
  const status = runId === null ? null : dbosStatus === null ? "unknown" : runStatusOf(dbosStatus);
  return {
    position,
    state: first < position ? "repeated" : stateOf(status, dbosStatus),
    filename,
    bytes,
    title,
    run_id: runId,
    status,
    dbos_status: dbosStatus,
    steps,
    repeats: first < position ? first : null,
    error: runErrorOf(failureCodeIn(record.error)),
    refusal,
  };
}

function stateOf(status: RunStatus | null, dbosStatus: string | null): ItemState {
  if (status === null) return "refused";
  if (dbosStatus === "CANCELLED") return "cancelled";
  return status === "done" || status === "running" ? status : "failed";
}

/** "18 done, 1 failed, 1 refused"; "no documents". */
export function summaryInWords({ total, ...states }: BatchSummary): string {
  const words = Object.entries(states).flatMap(([state, count]) =>
    count === 0 ? [] : [`${count} ${state}`],
  );
  return total === 0 ? "no documents" : words.join(", ");
}
