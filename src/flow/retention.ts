import type { Duration } from "../duration.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { EraseRun } from "./erase-run.ts";
import { type PeriodicCheck, startPeriodicCheck } from "./periodic-check.ts";

/** Runs that are erased by one check, so that other work goes on between them. */
const ERASED_PER_CHECK = 20;

const MAX_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1_000;

type Deps = Readonly<{ store: Pick<Store, "listExpiredRuns">; eraseRun: EraseRun }>;

/** Erases expired runs, some at a time. Several nodes may do so at the same time: a run that is erased already is left as it is. */
export function startRetention(
  deps: Deps & Readonly<{ log: Pick<Log, "databaseTrouble"> }>,
  retention: Duration,
): PeriodicCheck {
  const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, retention.ms / 10));
  return startPeriodicCheck(
    intervalMs,
    async () => {
      await eraseExpiredRuns(deps, retention, ERASED_PER_CHECK);
    },
    deps.log,
  );
}

/** Erases up to `limit` expired runs, oldest first, and returns their ids. */
export async function eraseExpiredRuns(
  { store, eraseRun }: Deps,
  { text, ms }: Duration,
  limit: number,
): Promise<readonly string[]> {
  const expired = await store.listExpiredRuns(ms, limit);
  for (const { runId } of expired) {
    await eraseRun(runId, { via: "retention", reason: `older than ${text}` });
  }
  return expired.map(({ runId }) => runId);
}
