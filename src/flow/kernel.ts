import { randomUUID } from "node:crypto";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { registerInternalQueue } from "@dbos-inc/dbos-sdk/eventreceiver";
import { INTERNAL_QUEUE_NAME } from "@dbos-inc/dbos-sdk/internal/utils";
import type { StartCommand } from "../domain/command.ts";
import type { Actor } from "../domain/journal.ts";
import { runStatusOf } from "../domain/run.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import { migrateThen } from "../store/migrate.ts";
import { holdNode } from "../store/node-lock.ts";
import { contentRelay } from "./content-relay.ts";
import { deriver } from "./derive.ts";
import { type DocumentRunInput, registerDocumentRun } from "./document-run.ts";
import { drainGate } from "./drain.ts";
import { effectDoor } from "./effects.ts";
import { engineLogger } from "./engine-logger.ts";
import { watchForDeadNodes } from "./recovery.ts";
import {
  cancelRun,
  type ForkedRun,
  forkRun,
  type RunControl,
  type RunState,
  resumeRun,
  startFork,
} from "./run-control.ts";
import type { RunEffect } from "./run-effect.ts";

/**
 * Runs recover under the version they started with, so it is pinned by hand and never derived from the source: the
 * executable takes up what a run from source began. Raise it when the steps of `documentRun` change.
 */
export const APPLICATION_VERSION = "1";

/** At 64 runs at once DBOS ran 250 workflows/s with 20 connections and 177 with 10; more than 20 brought no more. */
const DBOS_POOL_SIZE = 20;

/** How often the queue of resumed, recovered and forked runs is looked at. DBOS by itself does it once a second. */
const QUEUE_POLL_MS = 20;

/** The start is durable in a few milliseconds or the database is in trouble; DBOS by itself would wait for it for ever. */
const START_TIMEOUT_MS = 15_000;

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
  isUp(): boolean;
  /** Takes no new work and gives running steps up to `drainMs` to finish; what is left is recovered by the next start. */
  close(drainMs: number): Promise<void>;
}>;

type DocumentRun = ReturnType<typeof registerDocumentRun>;

/** Migrates, launches DBOS and takes up what an earlier program left. One kernel to a process: DBOS is a singleton. */
export async function launchKernel({
  databaseUrl,
  node,
  store,
  effect,
  log,
}: {
  databaseUrl: string;
  node: string;
  store: Store;
  effect: RunEffect;
  log: Log;
}): Promise<Kernel> {
  const lock = await holdNode(databaseUrl, node, log);
  const relay = contentRelay(store);
  const derive = deriver(relay);
  const drain = drainGate();
  const documentRun = registerDocumentRun({
    steps: { store, relay, derive, callIdempotentEffect: effectDoor(store), effect, node: lock.name },
    store,
    drain,
    log,
  });
  DBOS.setConfig({
    name: "jejakekal",
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: DBOS_POOL_SIZE,
    applicationVersion: APPLICATION_VERSION,
    executorID: lock.name,
    logger: engineLogger(log),
    runAdminServer: false,
  });
  // DBOS registers its queue at launch and leaves one that it finds as it is.
  registerInternalQueue(INTERNAL_QUEUE_NAME, { minPollingIntervalMs: QUEUE_POLL_MS });
  await migrateThen(databaseUrl, () => DBOS.launch());
  const control = { engine: DBOS, store, log, node: lock.name };
  await startUnstarted(control, documentRun);
  const deadNodes = watchForDeadNodes({ lock, store, version: APPLICATION_VERSION, log });

  let up = true;
  return {
    node: lock.name,
    async startRun(command) {
      const started = await startRun(control, documentRun, command);
      // The first steps are about to ask for it.
      relay.keep(command.args.source_sha256, command.source, command.source.length);
      return started;
    },
    cancelRun: (runId, actor) => cancelRun(control, runId, actor),
    resumeRun: (runId, actor) => resumeRun(control, runId, actor),
    forkRun: (runId, fromStep, actor) => forkRun(control, runId, fromStep, actor),
    countWaitingRuns: () => store.countRunsOfOtherVersions(APPLICATION_VERSION),
    isUp: () => up,
    async close(drainMs) {
      up = false;
      await deadNodes.close();
      await drain.close(drainMs);
      await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 0 });
      // Only now may others take up what is left.
      await lock.close();
    },
  };
}

/** A claim without a workflow was never answered with 202. It is started all the same: it was asked for, and it is here. */
async function startUnstarted(control: RunControl, documentRun: DocumentRun): Promise<void> {
  for (const { runId, args, sleepMs, fork } of await control.store.findUnstartedRuns()) {
    if (fork === null) await DBOS.startWorkflow(documentRun, { workflowID: runId })({ args, sleepMs });
    else await startFork(control, runId, fork);
  }
}

async function startRun(
  { store, log, node }: RunControl,
  documentRun: DocumentRun,
  command: StartCommand,
): Promise<StartedRun> {
  const runId = command.workflowId ?? randomUUID();
  const claim = await store.claimRun(runId, command, node);
  if (claim.payloadSha256 !== command.payloadSha256) {
    throw new Failure("workflow_id_payload_mismatch", { workflow_id: runId });
  }
  const deduplicated = !claim.fresh;
  if (deduplicated) await store.appendEvent({ runId, kind: "deduplicated", node, detail: {} });
  const known = deduplicated ? await store.findDbosStatus(runId) : null;
  // A claim whose workflow is not there yet: its claimant is about to start it, or died before. DBOS starts an id once.
  const dbosStatus =
    known ?? (await start(documentRun, runId, { args: command.args, sleepMs: command.sleepMs }));
  log.runAccepted({
    runId,
    payloadSha256: command.payloadSha256,
    bytes: command.source.length,
    deduplicated,
  });
  return { runId, status: runStatusOf(dbosStatus), dbosStatus, deduplicated };
}

/** Returns DBOS's word on a workflow whose start has just been committed. */
async function start(documentRun: DocumentRun, runId: string, input: DocumentRunInput): Promise<"PENDING"> {
  const starting = DBOS.startWorkflow(documentRun, { workflowID: runId })(input);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Failure("database_unavailable")), START_TIMEOUT_MS);
  try {
    await Promise.race([starting, late]);
    return "PENDING";
  } finally {
    clearTimeout(timer);
  }
}
