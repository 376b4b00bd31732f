import { AsyncLocalStorage } from "node:async_hooks";
import { DBOSWorkflowCancelledError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import { DBOSPortableJSON } from "@dbos-inc/dbos-sdk/internal/serialization";
import { SystemDatabase, withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import { sleepConfig, sleepms } from "@dbos-inc/dbos-sdk/internal/utils";
import { recordStep, type StepRecord } from "./step-record.ts";

/** The step that is about to run, and the execution that runs it. */
export type StepToCheck = Readonly<{
  workflowId: string;
  /** The token of the execution. */
  ownerToken: string;
  /** This execution owned the workflow a moment ago, and has recorded the step before this one: there is nothing to look up. */
  isConfirmed: boolean;
  /** What this execution has recorded of steps that are still to be run, by function id: there is nothing to look up either. */
  recorded: ReadonlyMap<number, RecordedResult>;
}>;

/** The recorded result of a step. */
export type RecordedResult = NonNullable<FoundResult>;

/**
 * Calls `runStep`, which runs one step with DBOS, and has the checks that DBOS makes before the first attempt made by one statement
 * or, for a step that `isConfirmed`, by none. DBOS by itself reads the status three times and the recorded result once, and finds out
 * that another execution owns the workflow when the work of the step is done; this finds out before.
 */
export function withOneCheck<Result>(step: StepToCheck, runStep: () => Promise<Result>): Promise<Result> {
  return checks.run(new StepCheck(step), runStep);
}

/** DBOS reads the status before it looks up the recorded result and again before the first attempt. */
const IMPLIED_STATUS_READS = 2;

class StepCheck {
  readonly step: StepToCheck;
  #statusReads = 0;

  constructor(step: StepToCheck) {
    this.step = step;
  }

  /** Whether the lookup of the recorded result reads the status too. Reads after a failed attempt are made. */
  isStatusReadImplied(): boolean {
    this.#statusReads += 1;
    return this.#statusReads <= IMPLIED_STATUS_READS;
  }
}

const checks = new AsyncLocalStorage<StepCheck>();

type Checks = Pick<
  SystemDatabase,
  "checkIfCanceled" | "getOperationResultAndThrowIfCancelled" | "durableSleepms"
> &
  Readonly<{ pool: SystemDatabase["pool"]; schemaName: string; appName: string | undefined }>;

type FoundResult = Awaited<ReturnType<Checks["getOperationResultAndThrowIfCancelled"]>>;

const dbos = SystemDatabase.prototype as unknown as Checks;
const { checkIfCanceled, getOperationResultAndThrowIfCancelled, durableSleepms } = dbos;
for (const [name, method] of Object.entries({
  checkIfCanceled,
  getOperationResultAndThrowIfCancelled,
  durableSleepms,
})) {
  if (typeof method !== "function") throw new Error(`this version of DBOS has no SystemDatabase.${name}`);
}

/** The check of the calling context, if it is for this workflow. */
function findCheck(workflowId: string): StepCheck | undefined {
  const check = checks.getStore();
  return check?.step.workflowId === workflowId ? check : undefined;
}

/** The token of the execution that runs a step of this workflow in the calling context. */
export function findStepOwner(workflowId: string): string | undefined {
  return findCheck(workflowId)?.step.ownerToken;
}

dbos.checkIfCanceled = async function (workflowId) {
  if (findCheck(workflowId)?.isStatusReadImplied()) return;
  await checkIfCanceled.call(this, workflowId);
};

dbos.getOperationResultAndThrowIfCancelled = async function (workflowId, functionId) {
  const check = findCheck(workflowId);
  if (check === undefined) return getOperationResultAndThrowIfCancelled.call(this, workflowId, functionId);
  const recorded = check.step.recorded.get(functionId);
  if (recorded !== undefined) return recorded;
  if (check.step.isConfirmed) return undefined;
  return withDbRetry(() => readStep(this, check.step, functionId));
};

/** A sleep that `isConfirmed` is recorded like a step, in one statement. The step after it checks whether it is cancelled. */
dbos.durableSleepms = async function (workflowId, functionId, durationMs) {
  const step = findCheck(workflowId)?.step;
  const recorded = step?.recorded.get(functionId);
  if (recorded?.output != null) return sleepUntil(Number(DBOSPortableJSON.parse(recorded.output)));
  if (!step?.isConfirmed) return durableSleepms.call(this, workflowId, functionId, durationMs);
  const record = sleepRecord(workflowId, functionId, durationMs);
  await withDbRetry(() => recordStep(this.pool, step.ownerToken, this.appName, record));
  return sleepUntil(record[5]);
};

async function sleepUntil(endsAt: number): Promise<void> {
  while (Date.now() < endsAt) await sleepms(Math.min(endsAt - Date.now(), sleepConfig.maxTimeoutMS));
}

/** DBOS's record of a sleep that begins now: it is completed at the moment at which the sleep is to end. */
export function sleepRecord(workflowId: string, functionId: number, durationMs: number): StepRecord {
  const startedAt = Date.now();
  const endsAt = startedAt + Math.ceil(durationMs);
  const result = { output: DBOSPortableJSON.stringify(endsAt), serialization: DBOSPortableJSON.name() };
  return [workflowId, functionId, "DBOS.sleep", false, startedAt, endsAt, result];
}

type StepRow = Readonly<{
  status: string;
  owner_xid: string | null;
  is_recorded: boolean;
  output: string | null;
  error: string | null;
  child_workflow_id: string | null;
  function_name: string | null;
  serialization: string | null;
}>;

/** The recorded result of a step. @throws an error that ends the execution when the workflow is cancelled or not its own any more */
async function readStep(
  { pool, schemaName }: Checks,
  { workflowId, ownerToken }: StepToCheck,
  functionId: number,
): Promise<FoundResult> {
  const { rows } = await pool.query<StepRow>(
    `select w.status, w.owner_xid, o.function_id is not null as is_recorded,
            o.output, o.error, o.child_workflow_id, o.function_name, o.serialization
       from "${schemaName}".workflow_status w
       left join "${schemaName}".operation_outputs o on o.workflow_uuid = w.workflow_uuid and o.function_id = $2
      where w.workflow_uuid = $1`,
    [workflowId, functionId],
  );
  const row = rows[0];
  if (row?.status === "CANCELLED") throw new DBOSWorkflowCancelledError(workflowId);
  if (row?.owner_xid !== ownerToken) throw new DBOSWorkflowConflictError(workflowId);
  if (!row.is_recorded) return undefined;
  return {
    output: row.output,
    error: row.error,
    childWorkflowID: row.child_workflow_id,
    functionName: row.function_name ?? "",
    serialization: row.serialization,
  };
}
