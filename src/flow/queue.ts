import { randomUUID } from "node:crypto";
import { registerInternalQueue } from "@dbos-inc/dbos-sdk/eventreceiver";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { globalParams, INTERNAL_QUEUE_NAME } from "@dbos-inc/dbos-sdk/internal/utils";
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";
import type { Log } from "../log.ts";

/** DBOS's queue of resumed, recovered and forked runs. */
export const RUN_QUEUE = INTERNAL_QUEUE_NAME;

/** How often the queue is looked at for what others have put into it. DBOS by itself does it once a second. */
const POLL_MS = 20;

/** To be called before the launch: DBOS registers its queue then, and leaves one that it finds as it is. */
export function registerRunQueue(): void {
  registerInternalQueue(RUN_QUEUE, { minPollingIntervalMs: POLL_MS });
}

/** Looks at the queue at once, for what this node has just put into it. What it misses, the next look finds. */
export async function dispatchNow(log: Log): Promise<void> {
  const engine = DBOSExecutor.globalInstance;
  const queue = wfQueueRunner.getInternalQueue(RUN_QUEUE);
  if (engine === undefined || queue === undefined) return;
  const { systemDatabase, executorID } = engine;
  const owner = randomUUID();
  try {
    const atWork = systemDatabase.countRunningWorkflowsForQueue(RUN_QUEUE);
    const runIds = await systemDatabase.findAndMarkStartableWorkflows(
      queue,
      executorID,
      globalParams.appVersion,
      undefined,
      atWork,
      0,
      owner,
    );
    await engine.dispatchDequeuedWorkflows(runIds, owner);
  } catch (error) {
    log.databaseTrouble({ error });
  }
}
