import { randomUUID } from "node:crypto";
import { registerInternalQueue } from "@dbos-inc/dbos-sdk/eventreceiver";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { globalParams, INTERNAL_QUEUE_NAME } from "@dbos-inc/dbos-sdk/internal/utils";
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";

/** DBOS's queue of resumed, recovered and forked workflows. */
export const RECOVERY_QUEUE = INTERNAL_QUEUE_NAME;

/** How often each node polls the queue; DBOS's default is once a second. */
const POLL_INTERVAL_MS = 20;

/** To be called before the launch: DBOS registers its queue there, and keeps one that is registered already. */
export function registerRecoveryQueue(): void {
  registerInternalQueue(RECOVERY_QUEUE, { minPollingIntervalMs: POLL_INTERVAL_MS });
}

/** Polls the queue now, for a workflow that this node has just enqueued. The next regular poll finds what this one misses. */
export async function pollRecoveryQueue(): Promise<void> {
  const executor = DBOSExecutor.globalInstance;
  const queue = wfQueueRunner.getInternalQueue(RECOVERY_QUEUE);
  if (executor === undefined || queue === undefined) return;
  const { systemDatabase, executorID } = executor;
  const claimToken = randomUUID();
  const runningHere = systemDatabase.countRunningWorkflowsForQueue(RECOVERY_QUEUE);
  const runIds = await systemDatabase.findAndMarkStartableWorkflows(
    queue,
    executorID,
    globalParams.appVersion,
    undefined,
    runningHere,
    0,
    claimToken,
  );
  await executor.dispatchDequeuedWorkflows(runIds, claimToken);
}
