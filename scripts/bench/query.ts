/**
 * The reads of a busy page with 10,000 runs stored, beside a bare `select` by key on the same database: by itself, and behind `node:http`
 * with its row as JSON.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import pg from "pg";
import { completeRun } from "../../src/client.ts";
import { onePageDocument, startBenchProgram } from "./program.ts";
import { storeCopiesOfRun } from "./seed.ts";
import { round, summarise, timed, writeReport } from "./support.ts";

const RUNS_STORED = 10_000;
const READS = 800;
const WARM_UP = 150;

const program = await startBenchProgram("query");
const { run_id: runId } = await completeRun(program.apiUrl, { source: onePageDocument(0), sleepMs: 1 });

const client = new pg.Client({ connectionString: program.databaseUrl });
await client.connect();
const runIds = await storeCopiesOfRun(client, runId, RUNS_STORED);

const selectBare = (id: string) =>
  client.query({
    name: "bare",
    text: "select * from dbos.workflow_status where workflow_uuid = $1",
    values: [id],
  });
const bareServer = createServer(async (request, response) => {
  const { rows } = await selectBare(request.url?.slice(1) ?? "");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(rows[0]));
}).listen(0, "127.0.0.1");
await once(bareServer, "listening");
const bareUrl = `http://127.0.0.1:${(bareServer.address() as AddressInfo).port}`;

const emptySamples = () => ({
  query: [] as number[],
  run: [] as number[],
  bare: [] as number[],
  served: [] as number[],
});
const samples = emptySamples();
for (let serial = -WARM_UP; serial < READS; serial += 1) {
  const keep = serial >= 0 ? samples : emptySamples();
  const id = runIds[(serial * 7919 + runIds.length * WARM_UP) % runIds.length] ?? runId;
  await timed(keep.bare, () => selectBare(id));
  await timed(keep.served, () => read(`${bareUrl}/${id}`));
  await timed(keep.query, () => timed(keep.run, () => read(`${program.apiUrl}/runs/${id}`)));
  await timed(keep.query, () => read(`${program.apiUrl}/artifacts?type=memo&visibility=user&limit=20`));
  await timed(keep.query, () => read(`${program.apiUrl}/artifacts/${id}:memo`));
}
bareServer.close();
await client.end();
await program.close();

const query = summarise(samples.query);
const run = summarise(samples.run);
const bare = summarise(samples.bare);
const served = summarise(samples.served);
writeReport(
  "query",
  {
    query_p50_ms: query.p50,
    query_p95_ms: query.p95,
    run_p50_ms: run.p50,
    query_to_bare_ratio: round(query.p50 / bare.p50),
    run_to_served_ratio: round(run.p50 / served.p50),
  },
  { "all reads": query, "GET /runs/:id": run, "bare select by key": bare, "the same served": served },
);
process.exit(0);

async function read(url: string): Promise<void> {
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
}
