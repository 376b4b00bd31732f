import type { StartCommand } from "../domain/command.ts";
import type { Actor } from "../domain/journal.ts";
import {
  launchEngine,
  openEnginePools,
  RECOVERY_QUEUE,
  shutDownEngine,
  whenEngineIsShutDown,
} from "../engine/index.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { type ServerId, type Store, sizedTimeoutMs } from "../store/index.ts";
import { migrateThen } from "../store/migrate.ts";
import { acquireNodeLock } from "../store/node-lock.ts";
import { settleWithin, withTimeout } from "../timeout.ts";
import { APPLICATION_VERSION } from "./application-version.ts";
import { createContentCache } from "./content-cache.ts";
import { createDeriver } from "./derivation/deriver.ts";
import type { DeriveInChildProcess } from "./derivation/process-pool.ts";
import { registerDocumentRun } from "./document-run.ts";
import { createDrainGate } from "./drain.ts";
import { createIdempotentEffects } from "./idempotent-effects.ts";
import { requeueStrandedRuns, startRecovery } from "./recovery.ts";
import { cancelRun, type ForkedRun, forkRun, type RunState, resumeRun } from "./run-control.ts";
import type { RunEffect } from "./run-effect.ts";
import { createSlots, type SlotUse } from "./slots.ts";
import { createUnrecordedSteps } from "./stalled-steps.ts";
import { type StartedRun, startRun } from "./start-run.ts";
import { createWaitingRunCount } from "./waiting-runs.ts";
import { startWaitingWorkCheck, type WaitingWorkCheck } from "./waiting-work.ts";

/** A change takes some milliseconds when the database is well; DBOS by itself would wait for the end of an outage. */
const ANSWER_TIMEOUT_MS = 15_000;

/** What still waits for the database at a shutdown is left to the next program. */
const SHUTDOWN_TIMEOUT_MS = 2_000;

/** What the API and the pages can ask of this node. */
export type Kernel = Readonly<{
  /**
   * Returns when the start is durable and before the work is done.
   * @throws Failure `workflow_id_payload_mismatch`, `too_many_runs`, `database_unavailable`
   */
  startRun(command: StartCommand): Promise<StartedRun>;
  /** @throws Failure `run_not_found`, `run_not_cancellable`, `database_unavailable` */
  cancelRun(runId: string, actor: Actor): Promise<RunState>;
  /** @throws Failure `run_not_found`, `run_not_resumable`, `database_unavailable` */
  resumeRun(runId: string, actor: Actor): Promise<RunState>;
  /** @throws Failure `run_not_found`, `run_not_forkable`, `database_unavailable` */
  forkRun(runId: string, fromStep: number, actor: Actor): Promise<ForkedRun>;
  /** The periodic check for work that waits for a node. */
  waitingWork: Pick<WaitingWorkCheck, "onChecked">;
  /** How many runs wait for a node of another application version. */
  countWaitingRuns(): Promise<number>;
  /** The name of this node, which is DBOS's executor id. */
  node: string;
  /** Resolves when another program holds the name of this node: this kernel must be closed, for the other recovers its runs. */
  whenNameLost: Promise<void>;
  isUp(): boolean;
  /** How many steps this node works on, and how many wait for their turn. */
  slotUse(): SlotUse;
  /** How many steps of this node have waited for the database for longer than they should. */
  countStalledSteps(): number;
  /** Starts no more steps and waits up to `drainMs` for those under way; the next start recovers what is left. */
  close(drainMs: number): Promise<void>;
}>;

/** Migrates the database, launches DBOS, and recovers the runs that an earlier program of this node's name left. */
export async function launchKernel({
  databaseUrl,
  serverId,
  node,
  maxEngineConnections,
  maxRunning,
  concurrency,
  isTraced = false,
  store,
  effect,
  deriveInChildProcess,
  log,
}: {
  databaseUrl: string;
  serverId: ServerId;
  /** The wanted name; a second program of that name gets another. */
  node: string;
  maxEngineConnections: number;
  /** Runs that may be running at once, over all nodes; undefined: any number. */
  maxRunning?: number | undefined;
  /** Steps that this node works on at once; undefined: any number. */
  concurrency?: number | undefined;
  /** Whether runs and steps are OpenTelemetry spans. */
  isTraced?: boolean;
  store: Store;
  effect: RunEffect;
  deriveInChildProcess: DeriveInChildProcess;
  log: Log;
}): Promise<Kernel> {
  const undo = new AsyncDisposableStack();
  try {
    // An earlier kernel of this process may still be shutting down.
    await whenEngineIsShutDown();
    const lock = await acquireNodeLock({ databaseUrl, serverId }, node, log);
    // Released last: until then no other node may recover this node's runs.
    undo.defer(() => lock.close());
    const pools = openEnginePools({ url: databaseUrl, serverId, maxConnections: maxEngineConnections, log });
    undo.defer(() => settleWithin(pools.close(), SHUTDOWN_TIMEOUT_MS));
    const cache = createContentCache(store);
    const drain = createDrainGate();
    const slots = createSlots(concurrency);
    const unrecorded = createUnrecordedSteps();
    /** Nothing to poll before the launch; then the queue. */
    let pollLaunchedQueue: () => void = () => undefined;
    const documentRun = registerDocumentRun({
      pollQueue: () => pollLaunchedQueue(),
      pools,
      steps: {
        store,
        cache,
        derive: createDeriver(cache, deriveInChildProcess),
        callIdempotentEffect: createIdempotentEffects(store),
        effect,
        node: lock.name,
      },
      store,
      drain,
      slots,
      unrecorded,
      isTraced,
      node: lock.name,
      log,
    });
    undo.defer(() => settleWithin(shutDownEngine(), SHUTDOWN_TIMEOUT_MS));
    const engine = await migrateThen(databaseUrl, () =>
      launchEngine({ databaseUrl, pools, node: lock.name, version: APPLICATION_VERSION, isTraced, log }),
    );
    /** The next periodic check makes up for a poll that fails. */
    const pollQueue = () => engine.pollQueue().catch((error: unknown) => log.databaseTrouble({ error }));
    pollLaunchedQueue = () => void pollQueue();
    const polled = <Result>(result: Result): Result => {
      void pollQueue();
      return result;
    };
    // The launch has put this node's unfinished runs into the queue.
    await pollQueue();
    const control = { engine, store, log, node: lock.name, maxRunning };
    const waitingWork = startWaitingWorkCheck(
      () => store.findWaitingWork(APPLICATION_VERSION, RECOVERY_QUEUE),
      log,
    );
    const recoveryDeps = { engine, lock, store, version: APPLICATION_VERSION, log };
    const recovery = startRecovery(recoveryDeps, waitingWork);
    /** What fails is repeated by the recovery. */
    const takeUp = (runId: string) =>
      requeueStrandedRuns(recoveryDeps, 0, (other) => other === runId)
        .then(pollQueue)
        .catch((error: unknown) => log.databaseTrouble({ error }));

    let up = true;
    lock.onRunQueued(() => void (up && pollQueue()));
    return {
      node: lock.name,
      whenNameLost: lock.whenNameLost,
      startRun(command) {
        // The first steps read the document.
        cache.set(command.args.source_sha256, command.source, command.source.length);
        const timeoutMs = Math.max(ANSWER_TIMEOUT_MS, sizedTimeoutMs(command.source.length));
        return answerInTime(startRun({ ...control, documentRun, takeUp }, command), timeoutMs);
      },
      cancelRun: (runId, actor) => answerInTime(cancelRun(control, runId, actor)),
      resumeRun: (runId, actor) => answerInTime(resumeRun(control, runId, actor)).then(polled),
      forkRun: (runId, fromStep, actor) =>
        answerInTime(forkRun(control, runId, fromStep, actor)).then(polled),
      waitingWork,
      countWaitingRuns: createWaitingRunCount(store, APPLICATION_VERSION),
      isUp: () => up,
      slotUse: () => slots.use(),
      countStalledSteps: () => unrecorded.countStalled(),
      async close(drainMs) {
        up = false;
        await settleWithin(Promise.all([waitingWork.close(), recovery.close()]), SHUTDOWN_TIMEOUT_MS);
        await drain.close(drainMs);
        await undo.disposeAsync();
      },
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

/** @throws Failure `database_unavailable` after `timeoutMs`; the change may still happen */
function answerInTime<Result>(work: Promise<Result>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Result> {
  return withTimeout(work, timeoutMs, () => new Failure("database_unavailable"));
}
