import type { Queryable } from "./database.ts";

/** The channel on which nodes hear that a run was put into the queue. */
const CHANNEL = "jejakekal_queue";

export const LISTEN_FOR_QUEUED_RUNS = `listen ${CHANNEL}`;

/** Tells every node that a run waits in the queue. A node that misses it finds the run with its next periodic check. */
export async function announceQueuedRun(db: Queryable): Promise<void> {
  await db.query(`notify ${CHANNEL}`);
}
