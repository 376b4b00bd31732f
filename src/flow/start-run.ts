import { randomUUID } from "node:crypto";
import type { StartCommand } from "../domain/command.ts";
import { runStatusOf } from "../domain/run.ts";
import type { Engine } from "../engine/index.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { areSentInParts, claimRun, type Store } from "../store/index.ts";
import type { DocumentRun } from "./document-run.ts";
import { assertRoom } from "./room.ts";
import type { RunState } from "./run-control.ts";
import { isToStart } from "./run-start.ts";

export type StartedRun = RunState & Readonly<{ deduplicated: boolean }>;

type StartDeps = Readonly<{
  engine: Pick<Engine, "startWorkflow">;
  store: Pick<Store, "appendEventOnce" | "findDbosStatus">;
  documentRun: DocumentRun;
  log: Log;
  node: string;
  /** Runs that may be running at once, over all nodes; undefined: any number. */
  maxRunning?: number | undefined;
}>;

/**
 * Claims the run id and starts the workflow in one transaction. A command whose id is claimed for the same payload gets that run.
 * @throws Failure `workflow_id_payload_mismatch`, `too_many_runs`
 */
export async function startRun(
  { engine, store, documentRun, log, node, maxRunning }: StartDeps,
  command: StartCommand,
): Promise<StartedRun> {
  const runId = command.workflowId ?? randomUUID();
  const { payloadSha256 } = command;
  const claim = await engine.startWorkflow(documentRun, {
    runId,
    input: { args: command.args, sleepMs: command.sleepMs },
    claim: async (db) => {
      if (maxRunning !== undefined) await assertRoom(db, runId, maxRunning);
      return claimRun(db, runId, command, node);
    },
    shouldStart: (found) => isToStart(found, command),
    isFresh: ({ fresh }) => fresh,
    // A limit and a large document take further statements before the claim.
    isNewId: command.workflowId === undefined && maxRunning === undefined && !areSentInParts(command.source),
  });
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
