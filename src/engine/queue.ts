import { randomUUID } from "node:crypto";
import { registerInternalQueue } from "@dbos-inc/dbos-sdk/eventreceiver";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { DynamicSchedulerLoop } from "@dbos-inc/dbos-sdk/internal/scheduler/scheduler";
import { globalParams, INTERNAL_QUEUE_NAME } from "@dbos-inc/dbos-sdk/internal/utils";
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";
import { workflowTimeoutConfig } from "@dbos-inc/dbos-sdk/internal/workflow_management";

/** DBOS's queue of resumed, recovered and forked workflows. */
export const RECOVERY_QUEUE = INTERNAL_QUEUE_NAME;

/**
 * How often DBOS's own loops query the database; its default is once a second. This program polls the queue itself when a run was
 * queued (`pollRecoveryQueue`), and it has no delayed workflows, no queues in the database and no workflow timeouts.
 */
const ENGINE_POLL_INTERVAL_MS = 30_000;

/** How long DBOS collects notifications about events and streams, which this program does not use; its default is 10 ms. */
export const NOTIFICATION_INTERVAL_MS = 60_000;

const LOOP_INTERVALS = ["transitionIntervalMs", "reconcileIntervalMs"] as const;

/** To be called before the launch: DBOS registers its queue there, and keeps one that is registered already. */
export function registerRecoveryQueue(): void {
  registerInternalQueue(RECOVERY_QUEUE, { minPollingIntervalMs: ENGINE_POLL_INTERVAL_MS });
  workflowTimeoutConfig.pollingIntervalMs = ENGINE_POLL_INTERVAL_MS;
  const intervals = wfQueueRunner.constructor as unknown as Record<(typeof LOOP_INTERVALS)[number], number>;
  for (const name of LOOP_INTERVALS) {
    if (typeof intervals[name] !== "number")
      throw new Error(`this version of DBOS has no WFQueueRunner.${name}`);
    intervals[name] = ENGINE_POLL_INTERVAL_MS;
  }
}

/** To be called before the launch: this program has no schedules, which DBOS would look for. */
export function withoutScheduler(): void {
  if (typeof DynamicSchedulerLoop.prototype.initialize !== "function")
    throw new Error("this version of DBOS has no DynamicSchedulerLoop.initialize");
  DynamicSchedulerLoop.prototype.initialize = async () => undefined;
}

/**
 * To be called after the launch: stops the timer by which DBOS looks ten times a second for telemetry to export. It collects some only
 * with an exporter of its own (`enableOTLP`); this program registers a provider of OpenTelemetry instead.
 */
export function stopTelemetryTimer(): void {
  const { tracer } = DBOSExecutor.globalInstance ?? {};
  const { telemetryCollector } = tracer as unknown as {
    telemetryCollector?: { signalBufferID?: NodeJS.Timeout };
  };
  if (telemetryCollector?.signalBufferID === undefined)
    throw new Error("this version of DBOS has no TelemetryCollector.signalBufferID");
  clearInterval(telemetryCollector.signalBufferID);
}

/** Takes the workflows that wait in the queue and that this node may run, and starts them. */
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
