import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { NodeLock } from "../store/node-lock.ts";
import { dispatchNow, RUN_QUEUE } from "./queue.ts";

const LOOK_EVERY_MS = 500;

/** Nothing that is being started, or handed from the queue to this node, is as old as this. */
const STRANDED_AFTER_MS = 20_000;

/** Something that is done again and again until it is closed. */
export type Watch = Readonly<{ close(): Promise<void> }>;

/**
 * Looks, again and again, for runs that nobody works on and ought to: those of nodes that have died, and those that this node
 * lost to a broken connection.
 */
export function watchForLostRuns({
  lock,
  store,
  version,
  log,
}: {
  lock: NodeLock;
  store: Store;
  version: string;
  log: Log;
}): Watch {
  let suspects: ReadonlySet<string> = new Set();

  /**
   * A node holds its name through a database session, so a name that can be taken belongs to nobody alive. It has to be so at
   * two looks in a row: a living node that lost its session takes its name again at once.
   */
  const takeOverFromTheDead = async () => {
    const seenDead = new Set<string>();
    for (const node of await store.findNodesWithPendingRuns(version)) {
      if (node === lock.name) continue;
      await lock.whileDead(node, async () => {
        if (!suspects.has(node)) {
          seenDead.add(node);
          return;
        }
        const runIds = await requeuePendingRuns(node, version);
        log.runsTakenOver({ fromNode: node, byNode: lock.name, runIds });
        await dispatchNow(log);
      });
    }
    suspects = seenDead;
  };

  /** The queue gave this node a run and the connection broke before the node heard of it: it is pending and not at work. */
  const takeUpStranded = async () => {
    const pending = await store.findPendingRuns(lock.name, version, STRANDED_AFTER_MS);
    const stranded = pending.filter((runId) => !isAtWork(runId));
    if (stranded.length === 0) return;
    await requeue(stranded);
    log.runsTakenOver({ fromNode: lock.name, byNode: lock.name, runIds: stranded });
  };

  const looks = [
    repeat(LOOK_EVERY_MS, takeOverFromTheDead, log),
    repeat(STRANDED_AFTER_MS / 4, takeUpStranded, log),
  ];
  return {
    async close() {
      await Promise.all(looks.map((look) => look.close()));
    },
  };
}

/** Does `look` every so often, one at a time; a look that takes longer is not joined by another. */
export function repeat(everyMs: number, look: () => Promise<void>, log: Log): Watch {
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.databaseTrouble({ error }))
      .finally(() => {
        looking = undefined;
      });
  }, everyMs);
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
  return await systemDatabase.reenqueueWorkflowsForRecovery(node, version, RUN_QUEUE);
}

function isAtWork(runId: string): boolean {
  return DBOSExecutor.globalInstance?.systemDatabase.checkForRunningWorkflow(runId) ?? true;
}

async function requeue(runIds: readonly string[]): Promise<void> {
  await DBOSExecutor.globalInstance?.systemDatabase.resumeWorkflows([...runIds]);
}
