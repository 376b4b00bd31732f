import { randomUUID } from "node:crypto";
import type { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
import { type Actor, actorDetail } from "../domain/journal.ts";
import { isResumable, isTerminal, type RunStatus, runStatusOf } from "../domain/run.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";

export type RunState = Readonly<{ runId: string; status: RunStatus; dbosStatus: string }>;

export type ForkedRun = RunState & Readonly<{ forkedFrom: string; fromStep: number }>;

/** Changing a run works alike from within a node and, through DBOS's client, from outside of all. */
export type RunControl = Readonly<{
  engine: Pick<typeof DBOS | DBOSClient, "cancelWorkflow" | "resumeWorkflow" | "forkWorkflow">;
  store: Store;
  log: Log;
  /** Who writes the journal: this node's name, or `cli`. */
  node: string;
}>;

/** @throws Failure `run_not_found`, `run_not_cancellable` */
export function cancelRun(
  { engine, store, log, node }: RunControl,
  runId: string,
  actor: Actor,
): Promise<RunState> {
  return store.withRunLock(runId, async (run) => {
    const current = found(runId, await run.look());
    if (isTerminal(current))
      throw new Failure("run_not_cancellable", { run_id: runId, dbos_status: current });
    await run.note({ kind: "cancelled", node, detail: actorDetail(actor) });
    await engine.cancelWorkflow(runId);
    // The run may have ended between the look and the cancel, which then changed nothing and is not noted.
    const after = found(runId, await run.look());
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
    const current = found(runId, await run.look());
    if (!isResumable(current))
      throw new Failure("run_not_resumable", { run_id: runId, dbos_status: current });
    // DBOS's own command line cancels as well, and tells nobody.
    if (current === "CANCELLED" && (await run.lastChange()) !== "cancelled") {
      await run.note({ kind: "cancelled", node, detail: { via: "outside" } });
    }
    // Noted first: the journal stays locked until this is over, so whoever takes the run up is noted after it.
    await run.note({ kind: "resumed", node, detail: actorDetail(actor) });
    await engine.resumeWorkflow(runId);
    log.runResumed({ runId });
    return { runId, status: "running", dbosStatus: "ENQUEUED" };
  });
}

/**
 * Starts a new run that takes over the steps of `parentId` below `fromStep`, with their artifacts, and does the rest anew.
 * @throws Failure `run_not_found`, `run_not_forkable`
 */
export async function forkRun(
  control: RunControl,
  parentId: string,
  fromStep: number,
  actor: Actor,
): Promise<ForkedRun> {
  const { engine, store, log, node } = control;
  const parent = await store.findRun(parentId);
  if (parent === null) throw new Failure("run_not_found", { run_id: parentId });
  checkForkable(parent, fromStep);
  const runId = randomUUID();
  const detail = { run_id: runId, from_step: fromStep, ...actorDetail(actor) };
  await store.claimFork(
    runId,
    { parentId, fromStep },
    [
      { runId: parentId, kind: "forked", node, detail },
      { runId, kind: "accepted", node, detail: { forked_from: parentId, from_step: fromStep } },
    ],
    () => engine.forkWorkflow(parentId, fromStep, { newWorkflowID: runId }),
  );
  log.runForked({ runId, parentId, fromStep });
  return { runId, status: "running", dbosStatus: "ENQUEUED", forkedFrom: parentId, fromStep };
}

function checkForkable({ workflow, operations, request }: RunRecord, fromStep: number): void {
  const refuse = (reason: string) =>
    new Failure("run_not_forkable", {
      run_id: workflow.workflow_uuid,
      dbos_status: workflow.status,
      from_step: fromStep,
      reason,
    });
  if (request === null) throw refuse("is not a run of a document");
  const takenOver = operations.filter(({ function_id, error }) => function_id < fromStep && error === null);
  if (takenOver.length < fromStep) throw refuse("has not completed every step before from_step");
}

function found(runId: string, dbosStatus: string | null): string {
  if (dbosStatus === null) throw new Failure("run_not_found", { run_id: runId });
  return dbosStatus;
}
