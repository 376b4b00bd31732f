/** Measures `POST /runs` to `done` over HTTP, and in alternation a bare DBOS workflow with as many steps, in one process. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { z } from "zod";
import { bareWorkflow } from "./bare.ts";
import { onePageDocument, startBenchProgram } from "./program.ts";
import { alternatedRatio, summarise, timed, writeReport } from "./support.ts";

const RUNS = 140;
const WARM_UP = 30;

const program = await startBenchProgram("ingest");
const client = new Worker(new URL("./client.ts", import.meta.url));
const clientAnswer = z.object({ dbosStatus: z.string(), postMs: z.number(), ingestMs: z.number() });
const samples = {
  ingest: [] as number[],
  post: [] as number[],
  bareStart: [] as number[],
  bareRun: [] as number[],
};

for (let serial = -WARM_UP; serial < RUNS; serial += 1) {
  const keep = serial >= 0 ? samples : { ingest: [], post: [], bareStart: [], bareRun: [] };
  await timed(keep.bareRun, async () => {
    const handle = await timed(keep.bareStart, () => DBOS.startWorkflow(bareWorkflow)());
    await handle.getResult();
  });
  client.postMessage({
    apiUrl: program.apiUrl,
    body: { source: onePageDocument(serial + WARM_UP), sleepMs: 1 },
  });
  const [answer] = await once(client, "message");
  const { dbosStatus, postMs, ingestMs } = clientAnswer.parse(answer);
  if (dbosStatus !== "SUCCESS") throw new Error(`a run ended as ${dbosStatus}`);
  keep.post.push(postMs);
  keep.ingest.push(ingestMs);
}
await client.terminate();
await program.close();

const ingest = summarise(samples.ingest);
const post = summarise(samples.post);
const bareStart = summarise(samples.bareStart);
const bareRun = summarise(samples.bareRun);
writeReport(
  "ingest",
  {
    ingest_p50_ms: ingest.p50,
    ingest_p95_ms: ingest.p95,
    bare_run_p50_ms: bareRun.p50,
    ingest_to_bare_ratio: alternatedRatio(samples.ingest, samples.bareRun),
    start_to_bare_ratio: alternatedRatio(samples.post, samples.bareStart),
  },
  { ingest, "POST /runs": post, "bare DBOS run": bareRun, "bare DBOS.startWorkflow": bareStart },
);
process.exit(0);
