import { DBOS } from "@dbos-inc/dbos-sdk";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { DBOSInitializationError } from "@dbos-inc/dbos-sdk/internal/error";
import { dbRetryConfig } from "@dbos-inc/dbos-sdk/internal/utils";
import type { Log } from "../log.ts";
import { withTypedOutage } from "../store/index.ts";
import { createWorkflowChanges, type WorkflowChanges } from "./changes.ts";
import { createEngineLogger } from "./logger.ts";
import { failOnOutage } from "./outage.ts";
import type { EnginePools } from "./pools.ts";
import {
  NOTIFICATION_INTERVAL_MS,
  pollRecoveryQueue,
  RECOVERY_QUEUE,
  registerRecoveryQueue,
  stopTelemetryTimer,
  withoutScheduler,
} from "./queue.ts";
import { withRecordTransaction } from "./record-transaction.ts";
import type { Write } from "./sent-statements.ts";
import { type RegisteredWorkflow, startFresh } from "./workflow.ts";

/** After an outage DBOS waits between its tries for at least and at most this long; its defaults are 1 and 60 s. */
const RETRY_BACKOFF_S = { initial: 0.1, max: 1 } as const;

/** How DBOS names this application in its rows. */
const APPLICATION_NAME = "jejakekal";

/** DBOS on this node: starts, changes and recovers workflows. One to a process: DBOS is a singleton. */
export type Engine = WorkflowChanges &
  Readonly<{
    /**
     * Runs `claim` and, if `shouldStart` says so, starts the workflow, in one transaction. Returns when it is committed and before
     * the first step begins. Fails at once when the database is away, where DBOS by itself would wait.
     */
    startWorkflow<Input, Claim>(
      workflow: RegisteredWorkflow<Input, unknown>,
      start: Readonly<{
        runId: string;
        input: Input;
        claim: Write<Claim>;
        shouldStart: (claim: Claim) => boolean;
        /** Whether the workflow never ran: then its first step is not looked up. Steps of a deleted workflow stay recorded. */
        isFresh: (claim: Claim) => boolean;
        /**
         * The id is a new random one and `claim` is one statement: it is sent together with the start, and neither `shouldStart` nor
         * `isFresh` is called.
         */
        isNewId?: boolean;
      }>,
    ): Promise<Claim>;
    /** Starts the resumed, recovered and forked workflows that wait in the queue. */
    pollQueue(): Promise<void>;
    /** Puts the pending workflows of a dead node back into the queue; returns their ids. */
    requeueRunsOfNode(node: string): Promise<readonly string[]>;
    /** Puts these workflows back into the queue. */
    requeueRuns(runIds: readonly string[]): Promise<void>;
    /** Whether this process executes the workflow. */
    isExecuting(runId: string): boolean;
    /** Starts no more workflows and leaves those under way to a later recovery. */
    shutDown(): Promise<void>;
  }>;

/** Launches DBOS, which recovers the workflows that this node left. Workflows must be registered, and the schemas migrated or free. */
export async function launchEngine({
  databaseUrl,
  pools,
  node,
  version,
  isTraced = false,
  log,
}: {
  databaseUrl: string;
  pools: EnginePools;
  /** DBOS's executor id. */
  node: string;
  /** DBOS's application version: a node executes workflows of its own version only. */
  version: string;
  /** Whether DBOS makes OpenTelemetry spans, by the provider that is registered. */
  isTraced?: boolean;
  log: Log;
}): Promise<Engine> {
  DBOS.setConfig({
    name: APPLICATION_NAME,
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: pools.dbos,
    applicationVersion: version,
    executorID: node,
    logger: createEngineLogger(log),
    runAdminServer: false,
    notificationCoalesceMs: NOTIFICATION_INTERVAL_MS,
    tracingEnabled: isTraced,
    otelAttributeFormat: "semconv",
  });
  dbRetryConfig.initialBackoffSec = RETRY_BACKOFF_S.initial;
  dbRetryConfig.maxBackoffSec = RETRY_BACKOFF_S.max;
  registerRecoveryQueue();
  withoutScheduler();
  await DBOS.launch().catch((error: unknown) => {
    throw error instanceof DBOSInitializationError ? (error.error ?? error) : error;
  });
  stopTelemetryTimer();
  const database = () => DBOSExecutor.globalInstance?.systemDatabase;
  return {
    ...createWorkflowChanges(DBOS, pools),
    startWorkflow: (workflow, { runId, input, claim, shouldStart, isFresh, isNewId = false }) =>
      withTypedOutage(() =>
        withRecordTransaction(pools.writes, "workflow", async ({ join, hold, discard }) => {
          const start = () => DBOS.startWorkflow(workflow, { workflowID: runId })(input);
          if (isNewId) {
            let claiming: ReturnType<typeof claim> | undefined;
            hold((db) => {
              claiming = claim(db);
              return claiming;
            });
            await startFresh(runId, () => failOnOutage(start));
            if (claiming === undefined) throw new Error(`DBOS started ${runId} without its claim`);
            return claiming;
          }
          const claimed = await join(claim);
          if (shouldStart(claimed)) {
            if (isFresh(claimed)) await startFresh(runId, () => failOnOutage(start));
            else await failOnOutage(start);
          } else {
            await discard();
          }
          return claimed;
        }),
      ),
    pollQueue: pollRecoveryQueue,
    requeueRunsOfNode: async (other) =>
      (await database()?.reenqueueWorkflowsForRecovery(other, version, RECOVERY_QUEUE)) ?? [],
    requeueRuns: async (runIds) => void (await database()?.resumeWorkflows([...runIds])),
    isExecuting: (runId) => database()?.checkForRunningWorkflow(runId) ?? true,
    shutDown: () => shutDownEngine(),
  };
}

let shutdown: Promise<void> = Promise.resolve();

/** Also ends a launch that failed half-way. */
export function shutDownEngine(): Promise<void> {
  shutdown = shutdown
    .catch(() => undefined)
    .then(() => DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 0 }));
  return shutdown;
}

/**
 * Resolves when no shutdown is under way. A shutdown ends by clearing DBOS's registry, so nothing may be registered for the next
 * launch before that.
 */
export async function whenEngineIsShutDown(): Promise<void> {
  await shutdown.catch(() => undefined);
}
