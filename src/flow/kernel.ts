import { randomUUID } from "node:crypto";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { runWithAbortableDbRetries } from "@dbos-inc/dbos-sdk/internal/context";
import { dbRetryConfig } from "@dbos-inc/dbos-sdk/internal/utils";
import type { StartCommand } from "../domain/command.ts";
import type { Actor } from "../domain/journal.ts";
import { runStatusOf } from "../domain/run.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { ServerId, Store } from "../store/index.ts";
import { migrateThen } from "../store/migrate.ts";
import { holdNode } from "../store/node-lock.ts";
import { settledWithin, within } from "../time-limit.ts";
import { contentRelay } from "./content-relay.ts";
import { deriver } from "./derive.ts";
import type { DeriveApart } from "./derive-apart.ts";
import { registerDocumentRun } from "./document-run.ts";
import { drainGate } from "./drain.ts";
import { effectDoor } from "./effects.ts";
import { engineLogger } from "./engine-logger.ts";
import { dispatchNow, registerRunQueue } from "./queue.ts";
import { watchForSetClock } from "./queue-clock.ts";
import { watchForLostRuns } from "./recovery.ts";
import {
  cancelRun,
  type ForkedRun,
  forkRun,
  type RunControl,
  type RunState,
  resumeRun,
} from "./run-control.ts";
import type { RunEffect } from "./run-effect.ts";

/**
 * Runs recover under the version they started with, so it is pinned by hand and never derived from the source: the
 * executable takes up what a run from source began. Raise it when the steps of `documentRun` change.
 */
export const APPLICATION_VERSION = "1";

/** After an outage DBOS by itself would wait for up to a minute and a half before it tries again. */
const RETRY_AFTER_OUTAGE_S = { first: 0.1, most: 1 } as const;

/** What is asked is done in a few milliseconds or the database is in trouble; DBOS by itself would wait for it for ever. */
const ANSWER_TIMEOUT_MS = 15_000;

/** What still waits for the database when a program stops waits in vain; the next one takes it up. */
const SHUTDOWN_TIMEOUT_MS = 2_000;

export type StartedRun = RunState & Readonly<{ deduplicated: boolean }>;

export type Kernel = Readonly<{
  /**
   * Returns when the start is durable and before the work is done.
   * @throws Failure `workflow_id_payload_mismatch`, `database_unavailable`
   */
  startRun(command: StartCommand): Promise<StartedRun>;
  /** @throws Failure `run_not_found`, `run_not_cancellable` */
  cancelRun(runId: string, actor: Actor): Promise<RunState>;
  /** @throws Failure `run_not_found`, `run_not_resumable` */
  resumeRun(runId: string, actor: Actor): Promise<RunState>;
  /** @throws Failure `run_not_found`, `run_not_forkable` */
  forkRun(runId: string, fromStep: number, actor: Actor): Promise<ForkedRun>;
  /** How many runs wait for a node of another application version. */
  countWaitingRuns(): Promise<number>;
  /** The name this program goes by among others; DBOS's executor id. */
  node: string;
  /** Settles when another program has taken that name for good: this one must stop. */
  whenDisplaced: Promise<void>;
  isUp(): boolean;
  /** Takes no new work and gives running steps up to `drainMs` to finish; what is left is recovered by the next start. */
  close(drainMs: number): Promise<void>;
}>;

type DocumentRun = ReturnType<typeof registerDocumentRun>;

/** Migrates, launches DBOS and takes up what an earlier program left. One kernel to a process: DBOS is a singleton. */
export async function launchKernel({
  databaseUrl,
  serverId,
  node,
  store,
  effect,
  deriveApart,
  log,
}: {
  databaseUrl: string;
  serverId: ServerId;
  node: string;
  store: Store;
  effect: RunEffect;
  deriveApart: DeriveApart;
  log: Log;
}): Promise<Kernel> {
  const undo = new AsyncDisposableStack();
  try {
    const lock = await holdNode({ databaseUrl, serverId }, node, log);
    // Let go of last: only then may others take up what is left.
    undo.defer(() => lock.close());
    const relay = contentRelay(store);
    const drain = drainGate();
    const documentRun = registerDocumentRun({
      steps: {
        store,
        relay,
        derive: deriver(relay, deriveApart),
        callIdempotentEffect: effectDoor(store),
        effect,
        node: lock.name,
      },
      store,
      drain,
      log,
    });
    configureEngine({ databaseUrl, pool: store.enginePool, node: lock.name, log });
    undo.defer(() => settledWithin(SHUTDOWN_TIMEOUT_MS, shutDownEngine()));
    await migrateThen(databaseUrl, () => DBOS.launch());
    const control = { engine: DBOS, store, log, node: lock.name };
    // What DBOS recovered at its launch.
    await dispatchNow(log);
    const dispatched = <Result>(state: Result): Result => {
      void dispatchNow(log);
      return state;
    };
    const watches = [
      watchForLostRuns({ lock, store, version: APPLICATION_VERSION, log }),
      watchForSetClock(log),
    ];

    let up = true;
    return {
      node: lock.name,
      whenDisplaced: lock.whenDisplaced,
      startRun(command) {
        // The first steps are about to ask for it.
        relay.keep(command.args.source_sha256, command.source, command.source.length);
        return answered(startRun(control, documentRun, command));
      },
      cancelRun: (runId, actor) => answered(cancelRun(control, runId, actor)),
      resumeRun: (runId, actor) => answered(resumeRun(control, runId, actor)).then(dispatched),
      forkRun: (runId, fromStep, actor) =>
        answered(forkRun(control, runId, fromStep, actor)).then(dispatched),
      countWaitingRuns: () => store.countRunsOfOtherVersions(APPLICATION_VERSION),
      isUp: () => up,
      async close(drainMs) {
        up = false;
        await settledWithin(SHUTDOWN_TIMEOUT_MS, Promise.all(watches.map((watch) => watch.close())));
        await drain.close(drainMs);
        await undo.disposeAsync();
      },
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

function configureEngine({
  databaseUrl,
  pool,
  node,
  log,
}: {
  databaseUrl: string;
  pool: Store["enginePool"];
  node: string;
  log: Log;
}): void {
  DBOS.setConfig({
    name: "jejakekal",
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: pool,
    applicationVersion: APPLICATION_VERSION,
    executorID: node,
    logger: engineLogger(log),
    runAdminServer: false,
  });
  dbRetryConfig.initialBackoffSec = RETRY_AFTER_OUTAGE_S.first;
  dbRetryConfig.maxBackoffSec = RETRY_AFTER_OUTAGE_S.most;
  registerRunQueue();
}

function shutDownEngine(): Promise<void> {
  return DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 0 });
}

async function startRun(
  { store, log, node }: RunControl,
  documentRun: DocumentRun,
  command: StartCommand,
): Promise<StartedRun> {
  const runId = command.workflowId ?? randomUUID();
  const input = { args: command.args, sleepMs: command.sleepMs };
  const claim = await store.claimRun(runId, command, node, () =>
    atOnce(() => DBOS.startWorkflow(documentRun, { workflowID: runId })(input)),
  );
  if (claim.payloadSha256 !== command.payloadSha256) {
    throw new Failure("workflow_id_payload_mismatch", { workflow_id: runId });
  }
  const deduplicated = !claim.fresh;
  if (deduplicated) await store.appendEvent({ runId, kind: "deduplicated", node, detail: {} });
  const dbosStatus = (deduplicated ? await store.findDbosStatus(runId) : null) ?? "PENDING";
  log.runAccepted({
    runId,
    payloadSha256: command.payloadSha256,
    bytes: command.source.length,
    deduplicated,
  });
  return { runId, status: runStatusOf(dbosStatus), dbosStatus, deduplicated };
}

/** One for all: a run keeps the signal that it was started under, and a signal keeps the stack on which it was made. */
const ABORTED = AbortSignal.abort();

/** Does something in which DBOS meets an outage with an error, where by itself it would wait for its end. */
function atOnce<Result>(work: () => Promise<Result>): Promise<Result> {
  return runWithAbortableDbRetries(ABORTED, work);
}

/** @throws Failure `database_unavailable` when it takes longer than anyone should wait; it may yet be done. */
function answered<Result>(work: Promise<Result>): Promise<Result> {
  return within(ANSWER_TIMEOUT_MS, work, () => new Failure("database_unavailable"));
}
