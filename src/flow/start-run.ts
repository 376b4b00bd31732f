import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { StartCommand } from "../domain/command.ts";
import { runStatusOf } from "../domain/run.ts";
import type { Engine } from "../engine/index.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { areSentInParts, claimRun, type RunClaim, type Store } from "../store/index.ts";
import type { DocumentRun } from "./document-run.ts";
import { assertRoom } from "./room.ts";
import type { RunState } from "./run-control.ts";
import { isToStart } from "./run-start.ts";

export type StartedRun = RunState & Readonly<{ deduplicated: boolean }>;

type StartDeps = Readonly<{
  engine: Pick<Engine, "startWorkflow">;
  store: Pick<Store, "appendEventOnce" | "findDbosStatus">;
  documentRun: DocumentRun;
  /** Has a run executed whose start was committed, and which this process does not execute because the answer was lost. */
  takeUp(runId: string): Promise<void>;
  log: Log;
  node: string;
  /** Runs that may be running at once, over all nodes; undefined: any number. */
  maxRunning?: number | undefined;
}>;

/** A start whose answer was lost is asked for again for this long, with pauses: a Postgres that crashed is back by then. */
const LOST_ANSWER_TIMEOUT_MS = 5_000;
const LOST_ANSWER_PAUSE_MS = 200;

/**
 * Claims the run id and starts the workflow in one transaction. A command whose id is claimed for the same payload gets that run.
 * @throws Failure `workflow_id_payload_mismatch`, `too_many_runs`, `database_unavailable`
 */
export async function startRun(deps: StartDeps, command: StartCommand): Promise<StartedRun> {
  const { store, log, node } = deps;
  const runId = command.workflowId ?? randomUUID();
  const { payloadSha256 } = command;
  const claim = await claimAndStart(deps, runId, command);
  if (claim.payloadSha256 !== payloadSha256) {
    throw new Failure("workflow_id_payload_mismatch", { workflow_id: runId });
  }
  const deduplicated = !claim.fresh;
  // Once, because a client that repeats its request without end would let the journal grow without end.
  if (deduplicated)
    await store.appendEventOnce({
      runId,
      kind: "deduplicated",
      node,
      detail: command.by === undefined ? {} : { by: command.by },
    });
  const dbosStatus = (deduplicated ? await store.findDbosStatus(runId) : null) ?? "PENDING";
  log.runAccepted({ runId, payloadSha256, bytes: command.source.length, deduplicated });
  return { runId, status: runStatusOf(dbosStatus), dbosStatus, deduplicated };
}

/**
 * Starts the run. When the connection is lost so late that the start may be committed, it is repeated under the same id: a claim waits
 * for a transaction that is still open, so it then tells for certain whether the first one is stored.
 * @returns the claim; `fresh` when this command made it, by whichever of its tries
 */
async function claimAndStart(deps: StartDeps, runId: string, command: StartCommand): Promise<RunClaim> {
  const { engine, documentRun, node, maxRunning } = deps;
  // A limit and a large document take further statements before the claim.
  const canBeSentAtOnce =
    command.workflowId === undefined && maxRunning === undefined && !areSentInParts(command.source);
  let mayBeStored = false;
  const tryOnce = (isNewId: boolean) =>
    engine.startWorkflow(documentRun, {
      runId,
      input: { args: command.args, sleepMs: command.sleepMs },
      claim: async (db) => {
        // Nobody awaits the answer to a claim that is sent together with the commit.
        if (isNewId) mayBeStored = true;
        if (maxRunning !== undefined) await assertRoom(db, runId, maxRunning);
        const claim = await claimRun(db, runId, command, node);
        if (claim.fresh) mayBeStored = true;
        return claim;
      },
      shouldStart: (found) => isToStart(found, command),
      isFresh: ({ fresh }) => fresh,
      isNewId,
    });
  let giveUpAt: number | undefined;
  for (;;) {
    try {
      const claim = await tryOnce(canBeSentAtOnce && giveUpAt === undefined);
      const isStored = mayBeStored && !claim.fresh && claim.payloadSha256 === command.payloadSha256;
      if (!isStored) return claim;
      await deps.takeUp(runId);
      return { ...claim, fresh: true };
    } catch (error) {
      // Storage that is unavailable is an answer: nothing is committed.
      const isLost = error instanceof Failure && error.code === "database_unavailable";
      if (!isLost || !mayBeStored) throw error;
      giveUpAt ??= performance.now() + LOST_ANSWER_TIMEOUT_MS;
      if (performance.now() > giveUpAt) throw error;
      await sleep(LOST_ANSWER_PAUSE_MS);
    }
  }
}
