import { isResumable } from "../domain/run.ts";
import type { RunSummaryView } from "./run-summary-view.ts";

/** What can be done with several runs at once. A retry is a fork from the step that failed. */
export const BULK_ACTIONS = ["cancel", "resume", "retry"] as const;

export type BulkAction = (typeof BULK_ACTIONS)[number];

/** So many runs are changed by one request. */
export const MAX_BULK_RUNS = 500;

/** So many bundles are in one zip file. */
export const MAX_BULK_BUNDLES = 100;

export const BULK_WORDS: Readonly<Record<BulkAction, Readonly<{ verb: string; done: string }>>> = {
  cancel: { verb: "Cancel", done: "Cancelled" },
  resume: { verb: "Resume", done: "Resumed" },
  retry: { verb: "Retry", done: "Retried" },
};

/** Whether the action suits the state of a run. A run that a fork continued is not retried again. */
export function canChange(run: RunSummaryView, action: BulkAction): boolean {
  if (action === "cancel") return run.status === "running";
  if (action === "resume") return isResumable(run.dbos_status);
  return run.status === "error" && !isResumable(run.dbos_status) && run.continued_by === null;
}
