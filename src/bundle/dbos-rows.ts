import { withoutStackTraces } from "./stack-traces.ts";

/** A row of DBOS with the names of its columns. */
export type DbosRow = Readonly<Record<string, unknown>>;

/** The rows of DBOS on one run, every column. */
export type TruthRows = Readonly<{ workflowStatus: DbosRow; operationOutputs: readonly DbosRow[] }>;

/**
 * `workflow_status.json`, shape 1: the row as it was when the run ended. A later fork of the run sets `was_forked_from`, which
 * must not change the bundle of the run.
 */
export function workflowStatusOf(row: DbosRow): DbosRow {
  const picked = portable(row, WORKFLOW_STATUS_COLUMNS);
  return "was_forked_from" in picked ? { ...picked, was_forked_from: false } : picked;
}

/** `operation_outputs.json`, shape 1: the rows of the steps. */
export function operationOutputsOf(rows: readonly DbosRow[]): readonly DbosRow[] {
  return rows.map((row) => portable(row, OPERATION_OUTPUT_COLUMNS));
}

/** The columns of the shape, without what names files of the host. */
function portable(row: DbosRow, columns: readonly string[]): DbosRow {
  const present = columns.filter((column) => Object.hasOwn(row, column));
  return {
    ...Object.fromEntries(present.map((column) => [column, row[column]])),
    error: withoutStackTraces(row.error),
  };
}

/** The columns of DBOS 5.3. Frozen: a column that a later version of DBOS adds must not change the bundle of an old run. */
const WORKFLOW_STATUS_COLUMNS = [
  "application_id",
  "application_name",
  "application_version",
  "assumed_role",
  "attributes",
  "authenticated_roles",
  "authenticated_user",
  "class_name",
  "completed_at",
  "config_name",
  "created_at",
  "creator_xid",
  "debounce_deadline_epoch_ms",
  "deduplication_id",
  "delay_until_epoch_ms",
  "error",
  "executor_id",
  "forked_from",
  "inputs",
  "is_debounced",
  "name",
  "output",
  "owner_xid",
  "parent_workflow_id",
  "priority",
  "queue_name",
  "queue_partition_key",
  "rate_limited",
  "recovery_attempts",
  "request",
  "schedule_name",
  "serialization",
  "started_at_epoch_ms",
  "status",
  "updated_at",
  "was_forked_from",
  "workflow_deadline_epoch_ms",
  "workflow_timeout_ms",
  "workflow_uuid",
];

const OPERATION_OUTPUT_COLUMNS = [
  "application_name",
  "child_workflow_id",
  "completed_at_epoch_ms",
  "error",
  "function_id",
  "function_name",
  "output",
  "retention_timestamp",
  "serialization",
  "started_at_epoch_ms",
  "workflow_uuid",
];
