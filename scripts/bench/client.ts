/** A client in a thread of its own, so that its sending and looking does not take turns with the service's work. */

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
