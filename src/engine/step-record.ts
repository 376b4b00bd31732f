import { DBOSStepNondeterminismError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import type { SystemDatabase } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Queryable } from "../store/index.ts";

/** The record of a step: the arguments of `SystemDatabase.recordOperationResult`. */
export type StepRecord = Parameters<SystemDatabase["recordOperationResult"]>;

/** SQLSTATEs of `jejakekal.record_step`. */
const OWNED_BY_ANOTHER = "JK001";
const RECORDED_ALREADY = "JK002";

/**
 * Records a step in one statement, which fails when the workflow does not belong to this execution any more. It does what DBOS does in
 * two: infra/sql/0011-record-step.sql. `isBehind`: the record of the step before is under way, and this one fails where that one does.
 */
export async function recordStep(
  db: Queryable,
  ownerToken: string,
  applicationName: string | undefined,
  [workflowId, functionId, name, _checkConflict, startedAt, completedAt, result = {}]: StepRecord,
  isBehind = false,
): Promise<void> {
  try {
    await db.query(isBehind ? RECORD_NEXT_STEP : RECORD_STEP, [
      workflowId,
      ownerToken,
      functionId,
      name,
      result.output ?? null,
      result.error ?? null,
      startedAt,
      completedAt,
      result.serialization ?? null,
      applicationName ?? null,
    ]);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === OWNED_BY_ANOTHER) throw new DBOSWorkflowConflictError(workflowId);
    if (code === RECORDED_ALREADY) throw new DBOSStepNondeterminismError(workflowId, functionId);
    throw error;
  }
}

const RECORD_STEP = "select jejakekal.record_step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const RECORD_NEXT_STEP = "select jejakekal.record_next_step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/** Records the success of a workflow behind the record of its last step. */
export async function recordEnd(
  db: Queryable,
  workflowId: string,
  ownerToken: string,
  output: string,
): Promise<void> {
  await db.query("select jejakekal.record_end($1, $2, $3)", [workflowId, ownerToken, output]);
}
