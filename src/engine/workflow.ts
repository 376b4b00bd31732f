import { DBOS, type StepConfig } from "@dbos-inc/dbos-sdk";
import { currentOwnerXid, getCurrentContextStore } from "@dbos-inc/dbos-sdk/internal/context";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { DBOSWorkflowCancelledError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import { serializeFunctionInputOutput } from "@dbos-inc/dbos-sdk/internal/serialization";
import type { EnginePools } from "./pools.ts";
import type { Committed, RecordToCommit } from "./record-order.ts";
import {
  type JoinNextRecord,
  joinNextFailure,
  noteRecordedOutput,
  withRecordTransaction,
} from "./record-transaction.ts";
import type { Write } from "./sent-statements.ts";
import { type RecordedResult, sleepRecord, withOneCheck } from "./step-check.ts";
import type { StepRecord } from "./step-record.ts";

/** How often a step is tried, and with which pauses; DBOS's own configuration. */
export type RetryPolicy = Pick<
  StepConfig,
  "maxAttempts" | "intervalSeconds" | "backoffRate" | "shouldRetry"
> &
  Readonly<{
    /** The step changes something outside of the database: it is checked right before that the run is not cancelled. */
    isExternal?: boolean;
  }>;

/** A step behind the one that is recorded, whose work is done: a function, or a sleep that begins with its record. */
export type StepBehind = Readonly<
  | { name: string; output: unknown; write: Write<unknown>; startedAt: number; completedAt: number }
  | { sleepMs: number }
>;

/** What is recorded together with a step. */
export type RecordBehind = Readonly<{
  /** When the work of the step was done; milliseconds since the epoch. */
  completedAt?: number;
  /** The steps that follow, in their order. */
  behind?: readonly StepBehind[];
  /** The output of the workflow, where these steps are its last ones. It is recorded with the last of them. */
  result?: Readonly<{ output: unknown }>;
}>;

/** One try at a step. */
export type StepAttempt = Readonly<{
  /** From 1. */
  number: number;
  /** Stores something together with DBOS's record of the step. */
  join: JoinNextRecord;
  /**
   * Records the step with this output together with `write`, in one round trip. The attempt must then return the same output. `write`
   * sends its statements at once, without awaiting an answer, and one of them fails where nothing is to be stored. The steps behind are
   * sent with it; a later call of `runStep` or `sleep` returns what is recorded, and runs what is not.
   * @returns how many of the steps behind are recorded, and the error of the first that is not
   */
  record(output: unknown, write: Write<unknown>, also?: RecordBehind): Promise<Committed>;
  /** A signal that aborts within about a second after the run was cancelled. DBOS polls for it from the first call on. */
  getCancelSignal(): AbortSignal | undefined;
}>;

/** What the function of a workflow works with: the execution that calls it. */
export type WorkflowExecution = Readonly<{
  runId: string;
  /**
   * Runs a step, or returns its recorded output. Output and error are stored by DBOS: they carry hashes, names and counts, never
   * the text of a document.
   */
  runStep<Output>(
    name: string,
    retry: RetryPolicy,
    attempt: (attempt: StepAttempt) => Promise<Output>,
  ): Promise<Output>;
  /** Sleeps until a recorded moment, over restarts too; 0 passes the step without waiting. */
  sleep(ms: number): Promise<void>;
  /** `workflow_status.owner_xid` while the run belongs to this execution. */
  ownerToken: string;
  /** Commits `write` with DBOS's record of the failure that this execution is about to throw. */
  joinFailure(write: Write<unknown>, onLost: (error: unknown) => void): void;
}>;

/** A workflow that DBOS knows by its name. */
export type RegisteredWorkflow<Input, Output> = (input: Input) => Promise<Output>;

/** Registers a workflow; to be called before the launch. The name and the order of its steps are part of every recorded run. */
export function registerWorkflow<Input, Output>(
  name: string,
  pools: EnginePools,
  run: (execution: WorkflowExecution, input: Input) => Promise<Output>,
): RegisteredWorkflow<Input, Output> {
  return DBOS.registerWorkflow((input: Input) => run(executionOf(DBOS.workflowID ?? "", pools), input), {
    name,
  });
}

/** The workflows that this process has just started, which nobody else can have run yet. */
const freshStarts = new Set<string>();

/** Starts a workflow whose first step needs no check. */
export async function startFresh(runId: string, start: () => Promise<unknown>): Promise<void> {
  freshStarts.add(runId);
  try {
    await start();
  } catch (error) {
    freshStarts.delete(runId);
    throw error;
  }
}

/** For how long an execution that has recorded something need not check that the workflow is still its own. Each record checks it. */
const OWNED_FOR_MS = 100;

function executionOf(runId: string, pools: EnginePools): WorkflowExecution {
  const ownerToken = currentOwnerXid(runId) ?? "";
  /** When the workflow was certainly this execution's own, with no later step recorded. */
  let ownedAt = freshStarts.delete(runId) ? performance.now() : Number.NEGATIVE_INFINITY;
  const isConfirmed = () => performance.now() - ownedAt < OWNED_FOR_MS;
  /** What is recorded of steps that are still to be run, by function id. */
  const recorded = new Map<number, RecordedResult>();
  return {
    runId,
    ownerToken,
    async runStep(name, { isExternal = false, ...retry }, attempt) {
      let hasRun = false;
      const wasRecorded = recorded.size > 0;
      const step = { workflowId: runId, ownerToken, isConfirmed: isConfirmed() && !isExternal, recorded };
      const output = await withOneCheck(step, () =>
        withRecordTransaction(pools.writes, "step", (transaction) => {
          const startedAt = Date.now();
          const record: StepAttempt["record"] = async (output, write, also = {}) => {
            const { stepID } = DBOS;
            if (stepID === undefined) throw new Error(`${name} is recorded outside of its step`);
            const step = { name, output, write, startedAt, completedAt: also.completedAt ?? Date.now() };
            const [first, ...behind] = await recordsOf(
              runId,
              stepID,
              [step, ...(also.behind ?? [])],
              also.result,
            );
            if (first === undefined) throw new Error(`${name} has no record`);
            const committed = await transaction.recordSteps(ownerToken, first, behind);
            const count = committed.count - 1;
            for (const { record } of behind.slice(0, count)) recorded.set(record[1], recordedResult(record));
            const { end } = behind.at(-1) ?? first;
            if (end !== undefined && count === behind.length) noteRecordedOutput(ownerToken, end);
            return { ...committed, count };
          };
          const runAttempt = () => {
            hasRun = true;
            return attempt({ ...currentAttempt(), join: transaction.join, record });
          };
          return DBOS.runStep(runAttempt, { ...retry, retriesAllowed: true, name });
        }),
      );
      if (hasRun) ownedAt = performance.now();
      else if (!wasRecorded) ownedAt = Number.NEGATIVE_INFINITY;
      return output;
    },
    async sleep(ms) {
      const wasConfirmed = isConfirmed();
      const before = performance.now();
      const step = { workflowId: runId, ownerToken, isConfirmed: wasConfirmed, recorded };
      await withOneCheck(step, () => DBOS.sleep(ms));
      if (wasConfirmed) ownedAt = before;
    },
    joinFailure: (write, onLost) => joinNextFailure(ownerToken, { pool: pools.writes, write, onLost }),
  };
}

/** The records of steps from the function id `stepId` on, and the end of the workflow with the last of them. */
function recordsOf(
  runId: string,
  stepId: number,
  steps: readonly StepBehind[],
  result: RecordBehind["result"],
): Promise<RecordToCommit[]> {
  return Promise.all(
    steps.map(async (step, index): Promise<RecordToCommit> => {
      if ("sleepMs" in step) return { record: sleepRecord(runId, stepId + index, step.sleepMs) };
      const { name, output, write, startedAt, completedAt } = step;
      const { stringified, sername } = await serialize(name, output);
      const outcome = { output: stringified, serialization: sername };
      const record: StepRecord = [runId, stepId + index, name, true, startedAt, completedAt, outcome];
      if (result === undefined || index < steps.length - 1) return { record, write };
      const { serializationType } = getCurrentContextStore() ?? {};
      return { record, write, end: (await serialize(name, result.output, serializationType)).stringified };
    }),
  );
}

function recordedResult([, , functionName, , , , result]: StepRecord): RecordedResult {
  return { functionName, ...result };
}

type SerializationType = NonNullable<ReturnType<typeof getCurrentContextStore>>["serializationType"];

/** A value as DBOS stores it. */
function serialize(name: string, value: unknown, type?: SerializationType) {
  const executor = DBOSExecutor.globalInstance;
  if (executor === undefined) throw new Error("DBOS is not launched");
  return serializeFunctionInputOutput(value, [name, "<result>"], executor.serializer, type);
}

function currentAttempt(): Omit<StepAttempt, "join" | "record"> {
  const status = DBOS.stepStatus;
  return { number: status?.currentAttempt ?? 1, getCancelSignal: () => status?.cancelSignal };
}

/** Whether DBOS ends the execution with this error and not the run: the run was cancelled, or another execution owns it. */
export function endsExecutionOnly(error: unknown): boolean {
  return error instanceof DBOSWorkflowCancelledError || error instanceof DBOSWorkflowConflictError;
}

/** Whether an error is one of DBOS's own, which carries nothing of this program's inside. */
export function isEngineError(error: unknown): boolean {
  return error instanceof Error && "dbosErrorCode" in error;
}
