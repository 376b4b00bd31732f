import type { Store } from "../store/index.ts";

/** The count reads the index entries of runs that have just ended, so health checks share one for this long. */
const MAX_AGE_MS = 1_000;

/**
 * Counts the runs that wait for a node of another application version, at most once a second. Every call queries the database, so it
 * fails while the database does not answer.
 */
export function createWaitingRunCount(
  store: Pick<Store, "countRunsOfOtherVersions" | "ping">,
  version: string,
  now: () => number = () => performance.now(),
): () => Promise<number> {
  let last: Readonly<{ count: number; at: number }> | undefined;
  return async () => {
    if (last !== undefined && now() - last.at < MAX_AGE_MS) {
      const { count } = last;
      await store.ping();
      return count;
    }
    const at = now();
    const count = await store.countRunsOfOtherVersions(version);
    last = { count, at };
    return count;
  };
}
