import { setTimeout as sleep } from "node:timers/promises";
import { StartFailure } from "./failure.ts";
import type { Log } from "./log.ts";
import { isDatabaseUnavailable, isStorageUnavailable } from "./store/index.ts";

const WAIT_TIMEOUT_MS = 60_000;
const RETRY_DELAY_MS = 1_000;

/**
 * Calls `open` until it succeeds, once a second for up to 60 s, while the database cannot be reached or has no storage;
 * each try is logged.
 * Rejects at once with any other error, such as a wrong password.
 */
export async function retryUntilReachable<Result>(
  open: () => Promise<Result>,
  log: Pick<Log, "waitingForDatabase">,
): Promise<Result> {
  const began = performance.now();
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const waitedMs = Math.round(performance.now() - began);
      if (!isUnreachable(error) || waitedMs >= WAIT_TIMEOUT_MS) throw error;
      log.waitingForDatabase({ waitedMs, timeoutMs: WAIT_TIMEOUT_MS, error });
    }
    await sleep(RETRY_DELAY_MS);
  }
}

function isUnreachable(error: unknown): boolean {
  const cause = error instanceof StartFailure ? error.cause : error;
  return isDatabaseUnavailable(cause) || isStorageUnavailable(cause);
}
