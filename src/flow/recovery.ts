import type { Engine } from "../engine/index.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { NodeLock } from "../store/node-lock.ts";
import { type PeriodicCheck, startPeriodicCheck } from "./periodic-check.ts";

const DEAD_NODE_CHECK_INTERVAL_MS = 500;

const STRANDED_CHECK_INTERVAL_MS = 2_500;

/** A pending run is younger than this while it is started, or taken from the queue. */
const STRANDED_AFTER_MS = 10_000;

type RecoveryDeps = Readonly<{
  engine: Pick<Engine, "requeueRunsOfNode" | "requeueRuns" | "pollQueue" | "isExecuting">;
  lock: NodeLock;
  store: Pick<Store, "findNodesWithPendingRuns" | "findPendingRuns">;
  version: string;
  log: Log;
}>;

/** Requeues, again and again, the runs that no living process executes: those of dead nodes, and this node's stranded ones. */
export function startRecovery(deps: RecoveryDeps): PeriodicCheck {
  const checks = [
    startPeriodicCheck(DEAD_NODE_CHECK_INTERVAL_MS, createDeadNodeCheck(deps), deps.log),
    startPeriodicCheck(STRANDED_CHECK_INTERVAL_MS, () => requeueStrandedRuns(deps), deps.log),
  ];
  return {
    async close() {
      await Promise.all(checks.map((check) => check.close()));
    },
  };
}

/**
 * A node holds a lock on its name in a database session, so a node whose name can be locked is dead. It must be so in two checks
 * in a row: a living node that lost its session locks its name again within that time.
 */
function createDeadNodeCheck({ engine, lock, store, version, log }: RecoveryDeps): () => Promise<void> {
  let suspects: ReadonlySet<string> = new Set();
  /** One by one: DBOS requeues by node, and would take the workflows of another application along. */
  const requeueOwnRuns = async (node: string) => {
    const runIds = await store.findPendingRuns(node, version, 0);
    await engine.requeueRuns(runIds);
    return runIds;
  };
  return async () => {
    const foundDead = new Set<string>();
    for (const { node, isShared } of await store.findNodesWithPendingRuns(version)) {
      if (node === lock.name) continue;
      await lock.whileDead(node, async () => {
        if (!suspects.has(node)) {
          foundDead.add(node);
          return;
        }
        const runIds = isShared ? await requeueOwnRuns(node) : await engine.requeueRunsOfNode(node);
        log.runsRequeued({ fromNode: node, byNode: lock.name, runIds });
        await engine.pollQueue();
      });
    }
    suspects = foundDead;
  };
}

/**
 * A run is stranded when the queue assigned it to this node and the answer was lost with its connection: it is pending here, and
 * nothing executes it.
 */
async function requeueStrandedRuns({ engine, lock, store, version, log }: RecoveryDeps): Promise<void> {
  const pending = await store.findPendingRuns(lock.name, version, STRANDED_AFTER_MS);
  const stranded = pending.filter((runId) => !engine.isExecuting(runId));
  if (stranded.length === 0) return;
  await engine.requeueRuns(stranded);
  log.runsRequeued({ fromNode: lock.name, byNode: lock.name, runIds: stranded });
}
