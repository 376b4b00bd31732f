import type { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
import { withTypedOutage } from "../store/index.ts";
import type { EnginePools } from "./pools.ts";
import { withRecordTransaction } from "./record-transaction.ts";
import type { Write } from "./sent-statements.ts";

/** A new workflow that takes over the recorded steps of `parentId` below `fromStep`, a function id. */
export type ForkRequest = Readonly<{ parentId: string; fromStep: number; runId: string }>;

/** Changes of workflows, for a node and for a command line alike. When the database is away they throw Failure `database_unavailable`. */
export type WorkflowChanges = Readonly<{
  /** Sets it to CANCELLED, unless it has ended. */
  cancelWorkflow(runId: string): Promise<void>;
  /** Puts it into the queue. */
  resumeWorkflow(runId: string): Promise<void>;
  /** Puts the fork into the queue and commits `write` with it. */
  forkWorkflow(fork: ForkRequest, write: Write<void>): Promise<void>;
}>;

export function createWorkflowChanges(
  dbos: Pick<typeof DBOS | DBOSClient, "cancelWorkflow" | "resumeWorkflow" | "forkWorkflow">,
  pools: EnginePools,
): WorkflowChanges {
  return {
    cancelWorkflow: (runId) => withTypedOutage(() => dbos.cancelWorkflow(runId)),
    resumeWorkflow: (runId) => withTypedOutage(async () => void (await dbos.resumeWorkflow(runId))),
    forkWorkflow: ({ parentId, fromStep, runId }, write) =>
      withTypedOutage(() =>
        withRecordTransaction(pools.writes, "fork", async ({ join }) => {
          await join(write);
          await dbos.forkWorkflow(parentId, fromStep, { newWorkflowID: runId });
        }),
      ),
  };
}
