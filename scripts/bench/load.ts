/**
 * One-page runs, 64 at once, against bare DBOS as it is shipped: runs per second and processor time of program and Postgres. Both are
 * programs of their own on one Postgres, measured in alternation. Linux only.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { embeddedDatabaseUrl } from "../../src/postgres/index.ts";
import { cpuMsOf } from "./cpu.ts";
import { createLoadDriver } from "./drive-load.ts";
import { BENCH_PORT, startBenchService } from "./service.ts";
import { median, round, writeReport } from "./support.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const RUNS = 192;
const AT_ONCE = 64;

const service = await startBenchService("load");
const databaseUrl = embeddedDatabaseUrl(service.home, BENCH_PORT);
const database = new pg.Client({ connectionString: databaseUrl });
await database.connect();
await database.query("create database bare");
const bare = spawn(
  process.execPath,
  [...process.execArgv, fileURLToPath(new URL("bare-program.ts", import.meta.url))],
  {
    env: { ...process.env, DBOS_SYSTEM_DATABASE_URL: withDatabase(databaseUrl, "bare") },
    stdio: ["pipe", "pipe", "inherit"],
  },
);
const answers = createInterface(bare.stdout)[Symbol.asyncIterator]();
await answers.next();

const drive = createLoadDriver(service, database, AT_ONCE);
const samples = {
  ownCpu: [] as number[],
  bareCpu: [] as number[],
  ownPerS: [] as number[],
  barePerS: [] as number[],
};
for (let lap = -1; lap < ROUNDS; lap += 1) {
  const bareSample = await measure(() => [bare.pid ?? -1], runBare);
  const ownSample = await measure(service.listProcesses, () => drive(RUNS));
  if (lap < 0) continue;
  samples.bareCpu.push(bareSample.cpuMs);
  samples.barePerS.push(bareSample.perS);
  samples.ownCpu.push(ownSample.cpuMs);
  samples.ownPerS.push(ownSample.perS);
}
bare.stdin.end();
await once(bare, "exit");
await database.end();
await service.stop();
writeReport(
  "load",
  {
    cpu_ms_per_run: median(samples.ownCpu),
    bare_cpu_ms_per_run: median(samples.bareCpu),
    cpu_to_bare_ratio: round(median(samples.ownCpu) / median(samples.bareCpu)),
    runs_per_s: median(samples.ownPerS),
    bare_runs_per_s: median(samples.barePerS),
    bare_to_throughput_ratio: round(median(samples.barePerS) / median(samples.ownPerS)),
  },
  {},
);
process.exit(0);

async function measure(listProcesses: () => readonly number[], work: () => Promise<void>) {
  const cpuMs = () => cpuMsOf([...listProcesses(), ...service.listDatabaseProcesses()]);
  const began = performance.now();
  const before = cpuMs();
  await work();
  return {
    cpuMs: round((cpuMs() - before) / RUNS),
    perS: round((RUNS / (performance.now() - began)) * 1000),
  };
}

async function runBare(): Promise<void> {
  bare.stdin.write(`${RUNS}\n`);
  await answers.next();
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
