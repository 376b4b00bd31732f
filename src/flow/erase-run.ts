import { setTimeout as sleep } from "node:timers/promises";
import { bundleFolderName } from "../bundle/folder-name.ts";
import type { AttachmentOrigin } from "../domain/attachment.ts";
import { type Actor, actorDetail } from "../domain/journal.ts";
import { isTerminal, type RunStatus, runStatusOf } from "../domain/run.ts";
import type { Erasure } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import { removeBundleFolder } from "../files/bundle-folder.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import { clearErasedRuns } from "./search/indexer.ts";

export type ErasedRun = Readonly<{
  runId: string;
  status: RunStatus;
  dbosStatus: string;
  erasure: Erasure;
  /** Of a mail: the runs of its attachments, which have their bytes until each is erased too. */
  attachments: readonly Readonly<{ runId: string; isErased: boolean }>[];
  /** Of an attachment: the mail that has its bytes until it is erased too. */
  attachmentOf: Readonly<AttachmentOrigin & { isErased: boolean }> | null;
}>;

/**
 * Deletes the document of a run and what was made from it. Bytes that another run has too stay for that run. To erase a run twice is the
 * same as once.
 * @throws Failure `run_not_found`; `run_not_erasable` for a run that has not ended; `database_unavailable`
 */
export type EraseRun = (runId: string, actor: Actor) => Promise<ErasedRun>;

type Deps = Readonly<{
  store: Pick<Store, "withRunLock" | "withIndexLock" | "findRun" | "isErased">;
  log: Pick<Log, "runErased">;
  /** The name of this node, or `cli`, for the journal. */
  node: string;
  /** The folder of the bundles that this program has exported; the one of the run is removed. */
  bundlesRoot: string;
}>;

/** While a node writes the index, it is asked again so often. The node itself clears what is left after that. */
const INDEX_ATTEMPTS = 20;
const INDEX_POLL_MS = 100;

export function createEraseRun({ store, log, node, bundlesRoot }: Deps): EraseRun {
  return async (runId, actor) => {
    const isNew = await store.withRunLock(runId, async (run) => {
      const status = await run.findStatus();
      if (status === null) throw new Failure("run_not_found", { run_id: runId });
      if (!isTerminal(status)) throw new Failure("run_not_erasable", { run_id: runId, dbos_status: status });
      return run.erase({ node, detail: actorDetail(actor) });
    });
    for (const isPartial of [false, true]) {
      await removeBundleFolder(bundlesRoot, bundleFolderName(runId, isPartial));
    }
    await clearIndex(store);
    if (isNew) log.runErased({ runId });
    return readErased(store, runId);
  };
}

async function clearIndex(store: Deps["store"]): Promise<void> {
  for (let attempt = 0; attempt < INDEX_ATTEMPTS; attempt += 1) {
    if (await clearErasedRuns({ store })) return;
    await sleep(INDEX_POLL_MS);
  }
}

async function readErased(store: Deps["store"], runId: string): Promise<ErasedRun> {
  const record = await store.findRun(runId);
  if (record === null || record.erased === null) throw new Failure("run_not_found", { run_id: runId });
  const dbosStatus = record.workflow.status;
  const { attachmentOf: origin, attachments } = record;
  return {
    runId,
    status: runStatusOf(dbosStatus),
    dbosStatus,
    erasure: record.erased,
    attachments: [...(attachments?.states ?? [])].map(([childId, { isErased }]) => ({
      runId: childId,
      isErased,
    })),
    attachmentOf: origin === null ? null : { ...origin, isErased: await store.isErased(origin.runId) },
  };
}
