/**
 * The ways to commit rows of this program together with a record of DBOS's, by the CPU time of a run in this process and in
 * Postgres: the transaction of src/engine beside what DBOS offers. Every run is a start with a claim and six steps, each of which
 * writes one row. Linux only.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
import {
  assertStillOwnsWorkflow,
  type DataSourceTransactionHandler,
  migrateDataSourcePG,
  registerDataSource,
  runTransaction,
} from "@dbos-inc/dbos-sdk/datasource";
import { runTransactionalInternalStep } from "@dbos-inc/dbos-sdk/internal/dbos";
import { launchEngine, openEnginePools, registerWorkflow, shutDownEngine } from "../../src/engine/index.ts";
import { createLog } from "../../src/log.ts";
import { pollUntil } from "../../src/poll.ts";
import { ensureRunning, fromNodeModules } from "../../src/postgres/index.ts";
import type { Connection, ConnectionPool, Queryable } from "../../src/store/index.ts";
import { ROOT, round } from "./support.ts";

const ROUNDS = 7;
const RUNS_PER_ROUND = 60;
const STEPS = ["first", "second", "third", "fourth", "fifth", "sixth"];
const RETRY = { maxAttempts: 3, intervalSeconds: 1, backoffRate: 2 };
const VERSION = "bench";

const home = `${ROOT}.cache/bench/engine`;
rmSync(home, { recursive: true, force: true });
const log = createLog({ level: "silent" });
const server = await ensureRunning({ home, port: 55_446, binaries: fromNodeModules() });
const pools = openEnginePools({ url: server.databaseUrl, serverId: undefined, maxConnections: 8, log });
await pools.writes.query("create table bench_row (id text primary key)");

const write = async (db: Queryable) =>
  void (await db.query("insert into bench_row (id) values ($1)", [randomUUID()]));

/** Called when the function of a run ends, by run id; a retrieved handle would poll once a second. */
const onEnd = new Map<string, () => void>();

function end(): null {
  onEnd.get(DBOS.workflowID ?? "")?.();
  return null;
}

const joined = registerWorkflow<null, null>("joined", pools, async ({ runStep }) => {
  for (const name of STEPS) await runStep(name, RETRY, ({ join }) => join(write));
  return end();
});
const transactional = DBOS.registerWorkflow(
  async (_: null) => {
    for (const name of STEPS) {
      await runTransactionalInternalStep(async (client) => client && write(client as Connection), name);
    }
    return end();
  },
  { name: "transactional" },
);
const dataSource = createDataSource(pools.writes);
registerDataSource(dataSource.handler);
const sourced = DBOS.registerWorkflow(
  async (_: null) => {
    for (const name of STEPS)
      await runTransaction(dataSource.write, name, { dsName: dataSource.handler.name });
    return end();
  },
  { name: "sourced" },
);
const engine = await launchEngine({
  databaseUrl: server.databaseUrl,
  pools,
  node: "bench",
  version: VERSION,
  log,
});
await DBOS.registerQueue("bench", { minPollingIntervalMs: 20 });
const client = await DBOSClient.create({
  systemDatabaseUrl: server.databaseUrl,
  systemDatabasePool: pools.dbos,
});

const start = (workflow: (input: null) => Promise<unknown>) => async (runId: string) => {
  await engine.startWorkflow(workflow, {
    runId,
    input: null,
    claim: write,
    shouldStart: () => true,
    isFresh: () => true,
  });
};
const ways: Readonly<Record<string, (runId: string) => Promise<void>>> = {
  "start and steps by src/engine": start(joined),
  "start by enqueueInTransaction": enqueue,
  "steps by runTransactionalInternalStep": start(transactional),
  "steps by a data source": start(sourced),
};

const samples = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
for (let round = -1; round < ROUNDS; round += 1) {
  for (const [way, startRun] of Object.entries(ways)) {
    const before = cpuMs();
    for (let serial = 0; serial < RUNS_PER_ROUND; serial += 1) {
      const runId = randomUUID();
      const ended = new Promise<void>((resolve) => onEnd.set(runId, resolve));
      await startRun(runId);
      await ended;
    }
    await pollUntil("all runs are recorded", hasNoPendingRun);
    if (round >= 0) samples.get(way)?.push((cpuMs() - before) / RUNS_PER_ROUND);
  }
}
await client.destroy();
await shutDownEngine();
await pools.close();
await server.release();

const medians = [...samples].map(([way, values]) => [way, median(values)] as const);
const [, own = Number.NaN] = medians[0] ?? [];
for (const [way, value] of medians) {
  console.log(`${way.padEnd(40)} ${round(value)} ms of CPU per run   ${round(value / own)} ×`);
}
process.exit(0);

async function hasNoPendingRun(): Promise<boolean> {
  const { rowCount } = await pools.writes.query(
    "select from dbos.workflow_status where status not in ('SUCCESS', 'ERROR') limit 1",
  );
  return rowCount === 0;
}

async function enqueue(runId: string): Promise<void> {
  const connection = await pools.writes.connect();
  try {
    await connection.query("begin");
    await write(connection);
    await client.enqueueInTransaction(
      connection,
      { workflowName: "joined", queueName: "bench", workflowID: runId, appVersion: VERSION },
      null,
    );
    await connection.query("commit");
  } finally {
    connection.release();
  }
}

/**
 * A data source as DBOS describes it: it looks for the completion row of the step, writes, stores that row and checks who owns the
 * run, in one transaction. DBOS's own record of the step follows in another.
 */
function createDataSource(pool: ConnectionPool) {
  const connections = new AsyncLocalStorage<Connection>();
  const handler: DataSourceTransactionHandler = {
    name: "bench",
    initialize: () =>
      migrateDataSourcePG(async (sql) => (await pool.query(sql)).rows as Record<string, unknown>[]),
    destroy: async () => undefined,
    async invokeTransactionFunction(_, target, func, ...args) {
      const key = [DBOS.workflowID ?? "", DBOS.stepID];
      const connection = await pool.connect();
      try {
        await connection.query("begin");
        const found = await connection.query(
          "select output, error from dbos.transaction_completion where workflow_id = $1 and function_num = $2",
          key,
        );
        if (found.rowCount !== 0) throw new Error("a step of this benchmark runs once");
        const result = await connections.run(connection, () => func.call(target, ...args));
        await connection.query(
          `insert into dbos.transaction_completion (workflow_id, function_num, output) values ($1, $2, 'null')`,
          key,
        );
        await assertStillOwnsWorkflow(DBOS.workflowID ?? "");
        await connection.query("commit");
        return result;
      } finally {
        connection.release();
      }
    },
  };
  const writeHere = async () => {
    const connection = connections.getStore();
    if (connection === undefined) throw new Error("outside of a transaction");
    await write(connection);
  };
  return { handler, write: writeHere };
}

/** Of this process and of the processes of the server, all threads. */
function cpuMs(): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const isOfServer = (pid: string) => readOr(`/proc/${pid}/cmdline`).includes("postgres:") && isChild(pid);
  const own = [String(process.pid), ...pids.filter(isOfServer)];
  const threads = own.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`),
  );
  return threads.reduce((sum, task) => sum + Number(readOr(`${task}/schedstat`).split(" ")[0]) / 1e6, 0);
}

/** Whether a process was started by the server of this benchmark. */
function isChild(pid: string): boolean {
  const parent = /^\d+ \(.*\) \S (\d+)/.exec(readOr(`/proc/${pid}/stat`))?.[1];
  return parent !== undefined && readOr(`/proc/${parent}/cmdline`).includes(home);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
