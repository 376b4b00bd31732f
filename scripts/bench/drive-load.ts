import type pg from "pg";
import { startRun } from "../../src/client.ts";
import { pollUntil } from "../../src/poll.ts";
import { onePageDocument } from "./program.ts";

const POLL_MS = 4;
const TIMEOUT_MS = 300_000;

/**
 * Waits until one or more of the runs are done, by a query of the database, so that waiting costs the service nothing.
 * @returns their ids
 */
export async function waitForDone(
  database: pg.Client,
  runIds: Iterable<string>,
  intervalMs = POLL_MS,
): Promise<readonly string[]> {
  return pollUntil(
    "a run is done",
    async () => {
      const { rows } = await database.query<{ id: string }>({
        name: "done",
        text: "select workflow_uuid as id from dbos.workflow_status where status = 'SUCCESS' and workflow_uuid = any ($1)",
        values: [[...runIds]],
      });
      return rows.length > 0 && rows.map(({ id }) => id);
    },
    { intervalMs, timeoutMs: TIMEOUT_MS },
  );
}

/** Runs `runs` one-page documents, `atOnce` at a time: posts a document when an earlier one is done. */
export function createLoadDriver(apiUrl: string, database: pg.Client, atOnce: number) {
  let serial = 0;
  return async (runs: number): Promise<void> => {
    const open = new Set<string>();
    for (let posted = 0; posted < runs || open.size > 0; ) {
      const free = Math.min(atOnce - open.size, runs - posted);
      const started = Array.from({ length: free }, () => {
        serial += 1;
        return startRun(apiUrl, { source: onePageDocument(serial), sleepMs: 1 });
      });
      posted += free;
      for (const runId of await Promise.all(started)) open.add(runId);
      for (const id of await waitForDone(database, open)) open.delete(id);
    }
  };
}
