import { DBOS, type StepConfig } from "@dbos-inc/dbos-sdk";
import { currentOwnerXid } from "@dbos-inc/dbos-sdk/internal/context";
import { DBOSWorkflowCancelledError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk/internal/error";
import type { EnginePools } from "./pools.ts";
import {
  type JoinNextRecord,
  joinNextFailure,
  type Write,
  withRecordTransaction,
} from "./record-transaction.ts";

/** How often a step is tried, and with which pauses; DBOS's own configuration. */
export type RetryPolicy = Pick<StepConfig, "maxAttempts" | "intervalSeconds" | "backoffRate" | "shouldRetry">;

/** One try at a step: its number, from 1, and the way to store something together with DBOS's record of the step. */
export type StepAttempt = Readonly<{ number: number; join: JoinNextRecord }>;

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
  /** @throws an error that ends this execution, when the run's `owner_xid` is not its own token */
  assertOwner(ownerXid: string | null): void;
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

function executionOf(runId: string, pools: EnginePools): WorkflowExecution {
  const ownerToken = currentOwnerXid(runId) ?? "";
  return {
    runId,
    ownerToken,
    runStep: (name, retry, attempt) =>
      withRecordTransaction(pools.writes, "step", ({ join }) =>
        DBOS.runStep(() => attempt({ number: DBOS.stepStatus?.currentAttempt ?? 1, join }), {
          ...retry,
          retriesAllowed: true,
          name,
        }),
      ),
    sleep: (ms) => DBOS.sleep(ms),
    assertOwner(ownerXid) {
      if (ownerXid !== ownerToken) throw new DBOSWorkflowConflictError(runId);
    },
    joinFailure: (write, onLost) => joinNextFailure(ownerToken, { pool: pools.writes, write, onLost }),
  };
}

/** Whether DBOS ends the execution with this error and not the run: the run was cancelled, or another execution owns it. */
export function endsExecutionOnly(error: unknown): boolean {
  return error instanceof DBOSWorkflowCancelledError || error instanceof DBOSWorkflowConflictError;
}

/** Whether an error is one of DBOS's own, which carries nothing of this program's inside. */
export function isEngineError(error: unknown): boolean {
  return error instanceof Error && "dbosErrorCode" in error;
}
