import { DBOS, type StepConfig } from "@dbos-inc/dbos-sdk";
import { currentOwnerXid } from "@dbos-inc/dbos-sdk/internal/context";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { DBOSWorkflowCancelledError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import { serializeFunctionInputOutput } from "@dbos-inc/dbos-sdk/internal/serialization";
import type { EnginePools } from "./pools.ts";
import { type JoinNextRecord, joinNextFailure, withRecordTransaction } from "./record-transaction.ts";
import type { Write } from "./sent-statements.ts";
import { withOneCheck } from "./step-check.ts";
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

/** One try at a step. */
export type StepAttempt = Readonly<{
  /** From 1. */
  number: number;
  /** Stores something together with DBOS's record of the step. */
  join: JoinNextRecord;
  /**
   * Records the step with this output together with `write`, in one round trip. The attempt must then return the same output. `write`
   * sends its statements at once, without awaiting an answer, and one of them fails where nothing is to be stored.
   */
  record(output: unknown, write: Write<unknown>): Promise<void>;
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
  return {
    runId,
    ownerToken,
    async runStep(name, { isExternal = false, ...retry }, attempt) {
      let hasRun = false;
      const step = { workflowId: runId, ownerToken, isConfirmed: isConfirmed() && !isExternal };
      const output = await withOneCheck(step, () =>
        withRecordTransaction(pools.writes, "step", (transaction) => {
          const startedAt = Date.now();
          const record = async (result: unknown, write: Write<unknown>) => {
            const serialized = await serializeOutput(name, result);
            const { stepID } = DBOS;
            if (stepID === undefined) throw new Error(`${name} is recorded outside of its step`);
            const outcome: StepRecord = [runId, stepID, name, true, startedAt, Date.now(), serialized];
            await transaction.recordStep(write, ownerToken, outcome);
          };
          const runAttempt = () => {
            hasRun = true;
            return attempt({ ...currentAttempt(), join: transaction.join, record });
          };
          return DBOS.runStep(runAttempt, { ...retry, retriesAllowed: true, name });
        }),
      );
      ownedAt = hasRun ? performance.now() : Number.NEGATIVE_INFINITY;
      return output;
    },
    async sleep(ms) {
      const wasConfirmed = isConfirmed();
      const before = performance.now();
      const step = { workflowId: runId, ownerToken, isConfirmed: wasConfirmed };
      await withOneCheck(step, () => DBOS.sleep(ms));
      if (wasConfirmed) ownedAt = before;
    },
    joinFailure: (write, onLost) => joinNextFailure(ownerToken, { pool: pools.writes, write, onLost }),
  };
}

/** The output of a step as DBOS stores it. */
async function serializeOutput(name: string, output: unknown): Promise<StepRecord[6]> {
  const executor = DBOSExecutor.globalInstance;
  if (executor === undefined) throw new Error("DBOS is not launched");
  const { stringified, sername } = await serializeFunctionInputOutput(
    output,
    [name, "<result>"],
    executor.serializer,
  );
  return { output: stringified, serialization: sername };
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
