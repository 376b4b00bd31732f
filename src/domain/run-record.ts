import type { StoredArtifact } from "./artifact.ts";
import type { StoredEffect } from "./effect.ts";

/** A row of dbos.workflow_status, in the columns that this program speaks of. Times are epoch milliseconds. */
export type WorkflowRow = Readonly<{
  workflow_uuid: string;
  status: string;
  name: string;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
  /** When a node last took the workflow from a queue, to resume or recover it; null for one that ran straight through. */
  started_at_epoch_ms: number | null;
  recovery_attempts: number;
  executor_id: string | null;
  application_version: string | null;
  queue_name: string | null;
  forked_from: string | null;
  error: string | null;
  serialization: string | null;
}>;

/** A row of dbos.operation_outputs. `output` and `error` are text as DBOS serialised them. */
export type OperationRow = Readonly<{
  function_id: number;
  function_name: string;
  output: string | null;
  error: string | null;
  child_workflow_id: string | null;
  started_at_epoch_ms: number | null;
  completed_at_epoch_ms: number | null;
  serialization: string | null;
}>;

/** What was asked: the claim behind the run. Absent for workflows that this program did not start. */
export type RequestRow = Readonly<{
  intent: string;
  args: Readonly<Record<string, unknown>>;
  payload_sha256: string;
  source_sha256: string;
  sleep_ms: number;
  /** For a fork: the function id of the first step that it did itself. */
  from_step: number | null;
}>;

/** Everything that is stored of one run, read in one statement and so of one moment. */
export type RunRecord = Readonly<{
  workflow: WorkflowRow;
  operations: readonly OperationRow[];
  request: RequestRow | null;
  artifacts: readonly StoredArtifact[];
  effects: readonly StoredEffect[];
}>;

/** A line of the list of runs. */
export type RunSummary = Readonly<{
  runId: string;
  dbosStatus: string;
  createdAtEpochMs: number;
  updatedAtEpochMs: number;
  completedAtEpochMs: number | null;
  executorId: string | null;
  recoveryAttempts: number;
  forkedFrom: string | null;
  title: string | null;
  steps: number;
}>;
