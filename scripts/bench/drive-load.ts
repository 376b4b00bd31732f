import type pg from "pg";
import { startRun } from "../../src/client.ts";
import { pollUntil } from "../../src/poll.ts";
import { onePageDocument } from "./program.ts";
import type { BenchService } from "./service.ts";

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

/**
 * Runs `runs` one-page documents, `atOnce` at a time: posts a document when an earlier one is done. The log tells which run is about to
 * be done, so that the database is asked for that one only: what a query of all costs would be counted as the service's.
 */
export function createLoadDriver(
  service: Pick<BenchService, "apiUrl" | "onLog">,
  database: pg.Client,
  atOnce: number,
) {
  let serial = 0;
  const ending = new Set<string>();
  let wake: () => void = () => undefined;
  service.onLog(({ msg, runId }) => {
    if (msg === "run failed") throw new Error(`run ${runId} failed`);
    if (msg !== "run finished" || runId === undefined) return;
    ending.add(runId);
    wake();
  });
  return async (runs: number): Promise<void> => {
    let running = 0;
    for (let posted = 0; posted < runs || running > 0; ) {
      const free = Math.min(atOnce - running, runs - posted);
      const started = Array.from({ length: free }, () => {
        serial += 1;
        return startRun(service.apiUrl, { source: onePageDocument(serial), sleepMs: 1 });
      });
      posted += free;
      running += free;
      await Promise.all(started);
      if (ending.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const done = await waitForDone(database, ending);
      for (const id of done) ending.delete(id);
      running -= done.length;
    }
  };
}
