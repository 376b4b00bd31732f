import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { INTERNAL_QUEUE_NAME } from "@dbos-inc/dbos-sdk/internal/utils";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { NodeLock } from "../store/node-lock.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * Takes up the runs of nodes that have died. A node holds its name through a database session, so a name that can be taken
 * belongs to nobody alive, and its pending runs go back into a queue that every living node reads.
 */
export function watchForDeadNodes({
  lock,
  store,
  version,
  log,
}: {
  lock: NodeLock;
  store: Store;
  version: string;
  log: Log;
}): { close(): Promise<void> } {
  let looking = Promise.resolve();
  const look = async () => {
    for (const node of await store.findNodesWithPendingRuns(version)) {
      if (node === lock.name) continue;
      await lock.whileDead(node, async () => {
        const runIds = await requeuePendingRuns(node, version);
        log.runsTakenOver({ fromNode: node, byNode: lock.name, runIds });
      });
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => log.databaseTrouble({ error }));
  }, LOOK_EVERY_MS);
  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** DBOS's own recovery, for a node other than this one. */
async function requeuePendingRuns(node: string, version: string): Promise<readonly string[]> {
  const systemDatabase = DBOSExecutor.globalInstance?.systemDatabase;
  if (systemDatabase === undefined) return [];
  return await systemDatabase.reenqueueWorkflowsForRecovery(node, version, INTERNAL_QUEUE_NAME);
}
