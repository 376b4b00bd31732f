/** Measures throughput by concurrent starts, and read latency by runs stored; writes docs/scale.md and docs/scale.svg. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { startRun } from "../../src/client.ts";
import { bareWorkflow } from "./bare.ts";
import { onePageDocument, startBenchProgram } from "./program.ts";
import { drawScale } from "./scale-plot.ts";
import { describeScale, type Reads, type Throughput } from "./scale-report.ts";
import { storeCopiesOfRun } from "./seed.ts";
import { ROOT, round, type Summary, summarise, timed, writeReport } from "./support.ts";

const LEVELS = [1, 16, 64] as const;
const RUNS_PER_LEVEL = 192;
const STORED = [1_000, 10_000, 100_000, 1_000_000] as const;
const READS = 300;
const WARM_UP = 30;
const LOOK_EVERY_MS = 4;

const load = (loadavg()[0] ?? 0).toFixed(1);
const program = await startBenchProgram("scale");
const client = new pg.Client({ connectionString: program.databaseUrl });
await client.connect();
// Triggers would put each copy into the search index.
await client.query("set session_replication_role = replica");
const ends = watchEnds();

let serial = 0;
await startMany(16, WARM_UP);
const throughputs: Throughput[] = [];
for (const concurrent of LEVELS) throughputs.push(await startMany(concurrent, RUNS_PER_LEVEL));

const reads: Reads[] = [];
for (const stored of STORED) {
  const ids = await store(stored);
  reads.push({ stored, byName: await readAll(ids) });
}
await ends.close();
await client.end();
await program.close();

const detail = Object.fromEntries([
  ...throughputs.map(({ concurrent, post }) => [`POST /runs, ${concurrent} at once`, post]),
  ...reads.flatMap(({ stored, byName }) =>
    Object.entries(byName).map(([name, summary]) => [`${name}, ${stored} stored`, summary]),
  ),
]);
const figures = Object.fromEntries(
  throughputs.map(({ concurrent, runsPerSecond }) => [`runs_per_second_at_${concurrent}`, runsPerSecond]),
);
writeReport("scale", figures, detail);
writeFileSync(`${ROOT}docs/scale.svg`, drawScale(throughputs, reads));
writeFileSync(
  `${ROOT}docs/scale.md`,
  describeScale({ throughputs, reads, load, readsEach: READS, runsPerLevel: RUNS_PER_LEVEL }),
);
process.exit(0);

/** Starts this many runs, at most `concurrent` of them at a time. */
async function startMany(concurrent: number, count: number): Promise<Throughput> {
  const posts: number[] = [];
  const bareRunsPerSecond = await perSecond(concurrent, count, async () => {
    await (await DBOS.startWorkflow(bareWorkflow)()).getResult();
  });
  const runsPerSecond = await perSecond(concurrent, count, async () => {
    serial += 1;
    const body = { source: onePageDocument(serial), sleepMs: 1 };
    const runId = await timed(posts, () => startRun(program.apiUrl, body));
    const status = await ends.of(runId);
    if (status !== "SUCCESS") throw new Error(`run ${runId} ended as ${status}`);
  });
  return { concurrent, runsPerSecond, bareRunsPerSecond, post: summarise(posts) };
}

async function perSecond(concurrent: number, count: number, run: () => Promise<void>): Promise<number> {
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: concurrent }, async () => {
      while (left > 0) {
        left -= 1;
        await run();
      }
    }),
  );
  return round(count / ((performance.now() - began) / 1000));
}

/** Reports when runs end. One query on DBOS's rows serves all waiters, because one poll per client would be most of the load. */
function watchEnds() {
  const waiting = new Map<string, (dbosStatus: string) => void>();
  let isOpen = true;
  const watching = (async () => {
    while (isOpen) {
      await sleep(LOOK_EVERY_MS);
      if (waiting.size === 0) continue;
      const { rows } = await client.query<{ id: string; status: string }>(
        `select workflow_uuid as id, status from dbos.workflow_status
          where workflow_uuid = any ($1) and completed_at is not null`,
        [[...waiting.keys()]],
      );
      for (const { id, status } of rows) {
        waiting.get(id)?.(status);
        waiting.delete(id);
      }
    }
  })();
  return {
    of: (runId: string) => new Promise<string>((resolve) => void waiting.set(runId, resolve)),
    close: () => {
      isOpen = false;
      return watching;
    },
  };
}

/** Copies a run until `target` runs are stored. */
async function store(target: number): Promise<readonly string[]> {
  serial += 1;
  const runId = await startRun(program.apiUrl, { source: onePageDocument(serial), sleepMs: 1 });
  await ends.of(runId);
  const { rows } = await client.query<{ count: number }>("select count(*)::int as count from jejakekal.run");
  return storeCopiesOfRun(client, runId, target - (rows[0]?.count ?? 0));
}

async function readAll(ids: readonly string[]): Promise<Readonly<Record<string, Summary>>> {
  const paths: Readonly<Record<string, (id: string) => string>> = {
    "GET /runs/:id": (id) => `/runs/${id}`,
    "GET /runs": () => "/runs?limit=20",
    "GET /artifacts?type": () => "/artifacts?type=memo&visibility=user&limit=20",
    "GET /artifacts/:id": (id) => `/artifacts/${id}:memo`,
    "GET /healthz": () => "/healthz",
  };
  const samples: Record<string, number[]> = Object.fromEntries([
    ...Object.keys(paths).map((name) => [name, []]),
    ["bare select by key", []],
  ]);
  for (let turn = -WARM_UP; turn < READS; turn += 1) {
    const id = ids[((turn + WARM_UP) * 7919) % ids.length] ?? "";
    const keep = (name: string) => (turn >= 0 ? (samples[name] ?? []) : []);
    for (const [name, pathOf] of Object.entries(paths)) await timed(keep(name), () => read(pathOf(id)));
    await timed(keep("bare select by key"), () =>
      client.query("select * from dbos.workflow_status where workflow_uuid = $1", [id]),
    );
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summarise(values)]));
}

async function read(path: string): Promise<void> {
  const response = await fetch(program.apiUrl + path);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
}
