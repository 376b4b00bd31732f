import { randomUUID } from "node:crypto";
import { type Actor, actorDetail } from "../domain/journal.ts";
import { isResumable, isTerminal, type RunStatus, runStatusOf } from "../domain/run.ts";
import type { RunRecord } from "../domain/run-record.ts";
import type { WorkflowChanges } from "../engine/index.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { appendEvent, claimFork, type Store } from "../store/index.ts";
import { APPLICATION_VERSION } from "./application-version.ts";
import { assertRoom } from "./room.ts";

export type RunState = Readonly<{ runId: string; status: RunStatus; dbosStatus: string }>;

export type ForkedRun = RunState & Readonly<{ forkedFrom: string; fromStep: number }>;

/** What a change of a run needs. The engine is that of a node, or of a command line without a node. */
export type RunControl = Readonly<{
  engine: WorkflowChanges;
  store: Store;
  log: Log;
  /** The name of this node, or `cli`, for the journal. */
  node: string;
  /** Runs that may be running at once, over all nodes; undefined: any number. */
  maxRunning?: number | undefined;
}>;

/** @throws Failure `run_not_found`, `run_not_cancellable` */
export function cancelRun(
  { engine, store, log, node }: RunControl,
  runId: string,
  actor: Actor,
): Promise<RunState> {
  return store.withRunLock(runId, async (run) => {
    const before = getStatus(runId, await run.findStatus());
    if (isTerminal(before)) throw new Failure("run_not_cancellable", { run_id: runId, dbos_status: before });
    await run.appendEvent({ kind: "cancelled", node, detail: actorDetail(actor) });
    await engine.cancelWorkflow(runId);
    // If the run ended in between, DBOS changed nothing; the error rolls back the event.
    const after = getStatus(runId, await run.findStatus());
    if (after !== "CANCELLED")
      throw new Failure("run_not_cancellable", { run_id: runId, dbos_status: after });
    log.runCancelled({ runId });
    return { runId, status: runStatusOf(after), dbosStatus: after };
  });
}

/** @throws Failure `run_not_found`, `run_not_resumable` */
export function resumeRun(
  { engine, store, log, node }: RunControl,
  runId: string,
  actor: Actor,
): Promise<RunState> {
  return store.withRunLock(runId, async (run) => {
    const before = getStatus(runId, await run.findStatus());
    if (!isResumable(before)) throw new Failure("run_not_resumable", { run_id: runId, dbos_status: before });
    if (await run.isImported()) {
      const reason = "was imported, and is never executed";
      throw new Failure("run_not_resumable", { run_id: runId, dbos_status: before, reason });
    }
    if (await run.isErased()) {
      const reason = "was erased";
      throw new Failure("run_not_resumable", { run_id: runId, dbos_status: before, reason });
    }
    // DBOS's own command line cancels without an event in the journal.
    if (before === "CANCELLED" && (await run.findLastChange()) !== "cancelled") {
      await run.appendEvent({ kind: "cancelled", node, detail: { via: "outside" } });
    }
    // This comes before the resume: the journal stays locked until the commit, so the execution's own event follows this one.
    await run.appendEvent({ kind: "resumed", node, detail: actorDetail(actor) });
    await engine.resumeWorkflow(runId);
    log.runResumed({ runId });
    return { runId, status: "running", dbosStatus: "ENQUEUED" };
  });
}

/**
 * Starts a new run that takes over the steps of `parentId` below `fromStep`, with their artifacts, and runs the others again.
 * @throws Failure `run_not_found`, `run_not_forkable`, `too_many_runs`
 */
export async function forkRun(
  control: RunControl,
  parentId: string,
  fromStep: number,
  actor: Actor,
): Promise<ForkedRun> {
  const { engine, store, log, node, maxRunning } = control;
  const parent = await store.findRun(parentId);
  if (parent === null) throw new Failure("run_not_found", { run_id: parentId });
  assertForkable(parent, fromStep);
  const runId = randomUUID();
  const detail = { run_id: runId, from_step: fromStep, ...actorDetail(actor) };
  await engine.forkWorkflow({ parentId, fromStep, runId }, async (db) => {
    await assertRoom(db, runId, maxRunning);
    if (!(await claimFork(db, runId, { parentId, fromStep }))) {
      // The parent was read above, and no run is ever deleted.
      throw notForkable(parent, fromStep, "was erased");
    }
    await appendEvent(db, { runId: parentId, kind: "forked", node, detail });
    const origin = { forked_from: parentId, from_step: fromStep };
    await appendEvent(db, { runId, kind: "accepted", node, detail: origin });
  });
  log.runForked({ runId, parentId, fromStep });
  return { runId, status: "running", dbosStatus: "ENQUEUED", forkedFrom: parentId, fromStep };
}

function assertForkable(parent: RunRecord, fromStep: number): void {
  const { workflow, operations, imported, erased } = parent;
  if (imported !== null) throw notForkable(parent, fromStep, "was imported, and is never executed");
  if (erased !== null) throw notForkable(parent, fromStep, "was erased");
  if (workflow.application_version !== APPLICATION_VERSION) {
    const reason = "was started by another application version, whose steps this program cannot run";
    throw notForkable(parent, fromStep, reason);
  }
  const completed = operations.filter(({ function_id, error }) => function_id < fromStep && error === null);
  if (completed.length < fromStep) {
    throw notForkable(parent, fromStep, "has not completed every step before from_step");
  }
}

function notForkable({ workflow }: RunRecord, fromStep: number, reason: string): Failure {
  return new Failure("run_not_forkable", {
    run_id: workflow.workflow_uuid,
    dbos_status: workflow.status,
    from_step: fromStep,
    reason,
  });
}

function getStatus(runId: string, dbosStatus: string | null): string {
  if (dbosStatus === null) throw new Failure("run_not_found", { run_id: runId });
  return dbosStatus;
}
