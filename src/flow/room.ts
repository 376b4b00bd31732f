import { Failure } from "../failure.ts";
import { hasRoomForRun, type Queryable } from "../store/index.ts";

/** When a client that was refused is to try again. */
const RETRY_AFTER_S = 5;

/** Part of the transaction that starts a run. @throws Failure `too_many_runs` */
export async function assertRoom(
  db: Queryable,
  runId: string,
  maxRunning: number | undefined,
): Promise<void> {
  if (maxRunning === undefined || (await hasRoomForRun(db, runId, maxRunning))) return;
  throw new Failure("too_many_runs", { limit: maxRunning, retry_after_s: RETRY_AFTER_S });
}
