import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../engine/index.ts";
import type { Log } from "../log.ts";
import type { BusyNode, Store } from "../store/index.ts";
import type { NodeLock } from "../store/node-lock.ts";
import type { PeriodicCheck } from "./periodic-check.ts";
import type { WaitingWorkCheck } from "./waiting-work.ts";

/** A living node that lost its session locks its name again within this time. */
const DEAD_AFTER_MS = 500;

const STRANDED_CHECK_INTERVAL_MS = 2_500;

/** A pending run is younger than this while it is started, or taken from the queue. */
const STRANDED_AFTER_MS = 10_000;

type RecoveryDeps = Readonly<{
  engine: Pick<Engine, "requeueRunsOfNode" | "requeueRuns" | "pollQueue" | "isExecuting">;
  lock: NodeLock;
  store: Pick<Store, "findPendingRuns">;
  version: string;
  log: Log;
}>;

/**
 * Starts the runs that no living process executes: those in the queue that nobody announced, those of dead nodes, and this node's
 * stranded ones.
 */
export function startRecovery(
  deps: RecoveryDeps,
  waitingWork: Pick<WaitingWorkCheck, "onChecked">,
): PeriodicCheck {
  let strandedCheckAt = Number.NEGATIVE_INFINITY;
  const checks = [
    waitingWork.onChecked(async ({ areQueued, busyNodes }) => {
      if (areQueued) await deps.engine.pollQueue();
      await requeueRunsOfDeadNodes(deps, busyNodes);
    }),
    waitingWork.onChecked(async ({ busyNodes }) => {
      const isDue = performance.now() - strandedCheckAt >= STRANDED_CHECK_INTERVAL_MS;
      if (!isDue || !busyNodes.some(({ node }) => node === deps.lock.name)) return;
      strandedCheckAt = performance.now();
      await requeueStrandedRuns(deps);
    }),
  ];
  return {
    async close() {
      await Promise.all(checks.map((check) => check.close()));
    },
  };
}

/**
 * A node holds a lock on its name in a database session, so a node whose name can be locked is dead. It must be so twice: see
 * `DEAD_AFTER_MS`.
 */
async function requeueRunsOfDeadNodes(deps: RecoveryDeps, busyNodes: readonly BusyNode[]): Promise<void> {
  const { engine, lock, log } = deps;
  const suspects: BusyNode[] = [];
  for (const busyNode of busyNodes) {
    if (busyNode.node === lock.name) continue;
    if (await lock.whileDead(busyNode.node, async () => undefined)) suspects.push(busyNode);
  }
  if (suspects.length === 0) return;
  await sleep(DEAD_AFTER_MS);
  for (const suspect of suspects) {
    await lock.whileDead(suspect.node, async () => {
      const runIds = await requeueRunsOf(deps, suspect);
      log.runsRequeued({ fromNode: suspect.node, byNode: lock.name, runIds });
      await engine.pollQueue();
    });
  }
}

async function requeueRunsOf(
  { engine, store, version }: RecoveryDeps,
  { node, isShared }: BusyNode,
): Promise<readonly string[]> {
  if (!isShared) return engine.requeueRunsOfNode(node);
  // One by one: DBOS requeues by node, and would take the workflows of another application along.
  const runIds = await store.findPendingRuns(node, version, 0);
  await engine.requeueRuns(runIds);
  return runIds;
}

/**
 * A run is stranded when the queue assigned it to this node, or its start was committed, and the answer was lost with its connection:
 * it is pending here, and nothing executes it. Runs that were changed less than `olderThanMs` ago may be about to be executed.
 */
export async function requeueStrandedRuns(
  { engine, lock, store, version, log }: RecoveryDeps,
  olderThanMs = STRANDED_AFTER_MS,
  isMeant: (runId: string) => boolean = () => true,
): Promise<void> {
  const pending = await store.findPendingRuns(lock.name, version, olderThanMs);
  const stranded = pending.filter((runId) => isMeant(runId) && !engine.isExecuting(runId));
  if (stranded.length === 0) return;
  await engine.requeueRuns(stranded);
  log.runsRequeued({ fromNode: lock.name, byNode: lock.name, runIds: stranded });
}
