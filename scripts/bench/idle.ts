/** What a service that nobody asks anything costs, with its Postgres: percent of one core, and against a one-page run. Linux only. */
import { setTimeout as sleep } from "node:timers/promises";
import { completeRun } from "../../src/client.ts";
import { cpuMsOf } from "./cpu.ts";
import { onePageDocument } from "./program.ts";
import { startBenchService } from "./service.ts";
import { round, writeReport } from "./support.ts";

/** Longer than a child process above the warm ones waits for work. */
const SETTLE_MS = 15_000;
const MEASURE_MS = 10_000;
const RUNS = 30;

const service = await startBenchService("idle");
for (let serial = 0; serial < RUNS; serial += 1) await run(serial);
await sleep(SETTLE_MS);
const before = cpuMs();
await sleep(MEASURE_MS);
const idle = cpuMs();
for (let serial = 0; serial < RUNS; serial += 1) await run(RUNS + serial);
const busy = cpuMs();
await service.stop();

const percent = (ms: number) => round((ms / MEASURE_MS) * 100);
const idleMs = idle.service - before.service + idle.database - before.database;
const runMs = (busy.service - idle.service + busy.database - idle.database) / RUNS;
writeReport(
  "idle",
  {
    idle_service_percent: percent(idle.service - before.service),
    idle_database_percent: percent(idle.database - before.database),
    idle_percent: percent(idleMs),
    idle_second_to_run_ratio: round(((idleMs / MEASURE_MS) * 1000) / runMs),
  },
  {},
);
process.exit(0);

function cpuMs() {
  return {
    service: cpuMsOf(service.listProcesses()),
    database: cpuMsOf(service.listDatabaseProcesses()),
  };
}

async function run(serial: number): Promise<void> {
  await completeRun(service.apiUrl, { source: onePageDocument(serial), sleepMs: 1 });
}
