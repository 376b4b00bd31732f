import type { Queryable } from "./database.ts";

/** DBOS does not write this status any more, so a run can only leave it, and a new look at all runs is rarely needed. */
const REREAD_MS = 600_000;

/** The status of a run whose recovery was tried too often, by earlier versions of DBOS. */
export const GIVEN_UP = "RETRIES_EXCEEDED";

/** The ids of the runs that have the status `RETRIES_EXCEEDED`, or have had it lately. */
export type FindGivenUp = (db: Queryable) => Promise<readonly string[]>;

/** Finds the runs with the one status of failed runs that no index of DBOS has, by a look at all runs once in `rereadMs`. */
export function createGivenUpReader(rereadMs = REREAD_MS): FindGivenUp {
  let ids: Promise<readonly string[]> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  return (db) => {
    if (ids === undefined || performance.now() - readAt > rereadMs) {
      readAt = performance.now();
      const reading = readGivenUp(db);
      ids = reading;
      reading.catch(() => {
        if (ids === reading) ids = undefined;
      });
    }
    return ids;
  };
}

async function readGivenUp(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(`
    select w.workflow_uuid as id
      from dbos.workflow_status w join jejakekal.run r on r.run_id = w.workflow_uuid
     where w.status = '${GIVEN_UP}'`);
  return rows.map(({ id }) => id);
}
