/** An HTTP client in a worker thread, so that it does not share an event loop with the service. */

import { parentPort } from "node:worker_threads";
import { startRun, waitForEnd } from "../../src/client.ts";
import { timed } from "./support.ts";

const POLL_MS = 4;

parentPort?.on("message", async ({ apiUrl, body }: { apiUrl: string; body: Record<string, unknown> }) => {
  const [post, ingest]: [number[], number[]] = [[], []];
  const run = await timed(ingest, async () => {
    const runId = await timed(post, () => startRun(apiUrl, body));
    return await waitForEnd(apiUrl, runId, { intervalMs: POLL_MS });
  });
  parentPort?.postMessage({ dbosStatus: run.dbos_status, postMs: post[0], ingestMs: ingest[0] });
});
