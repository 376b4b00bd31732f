/** The reads of a busy page with 10,000 runs stored, beside a bare `select` by key on the same database. */

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

const samples = { query: [] as number[], run: [] as number[], bare: [] as number[] };
for (let serial = -WARM_UP; serial < READS; serial += 1) {
  const keep = serial >= 0 ? samples : { query: [], run: [], bare: [] };
  const id = runIds[(serial * 7919 + runIds.length * WARM_UP) % runIds.length] ?? runId;
  await timed(keep.bare, () =>
    client.query({
      name: "bare",
      text: "select * from dbos.workflow_status where workflow_uuid = $1",
      values: [id],
    }),
  );
  await timed(keep.query, () => timed(keep.run, () => read(`/runs/${id}`)));
  await timed(keep.query, () => read("/artifacts?type=memo&visibility=user&limit=20"));
  await timed(keep.query, () => read(`/artifacts/${id}:memo`));
}
await client.end();
await program.close();

const query = summarise(samples.query);
const run = summarise(samples.run);
const bare = summarise(samples.bare);
writeReport(
  "query",
  {
    query_p50_ms: query.p50,
    query_p95_ms: query.p95,
    run_p50_ms: run.p50,
    query_to_bare_ratio: round(query.p50 / bare.p50),
  },
  { "all reads": query, "GET /runs/:id": run, "bare select by key": bare },
);
process.exit(0);

async function read(path: string): Promise<void> {
  const response = await fetch(program.apiUrl + path);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
}
