/**
 * One-page runs at 64 times the workers at once, with 1, 2, 4 … workers up to the cores of this machine: runs per second, and where the
 * processor time goes. Prints what more cores would bring. Linux only.
 *
 * BENCH_WORKERS=1,2 measures these numbers of workers, BENCH_PLAN_CORES=16 plans for that machine.
 */
import { availableParallelism } from "node:os";
import pg from "pg";
import { embeddedDatabaseUrl } from "../../src/postgres/index.ts";
import { cpuMsOf } from "./cpu.ts";
import { createLoadDriver } from "./drive-load.ts";
import { BENCH_PORT, startBenchService } from "./service.ts";
import { median, round, writeReport } from "./support.ts";

const AT_ONCE = 64;
const RUNS = Number(process.env.BENCH_RUNS ?? 384);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const PLAN_CORES = Number(process.env.BENCH_PLAN_CORES ?? 16);
const COUNTS = process.env.BENCH_WORKERS?.split(",").map(Number) ?? powersOfTwo(availableParallelism());

/** Of one run, in milliseconds of processor time; `driver` is what this benchmark itself takes. */
type Cost = Readonly<{ perS: number; service: number; supervisor: number; postgres: number; driver: number }>;

const costs = new Map<number, Cost>();
for (const count of COUNTS) costs.set(count, await measure(count));
const figures = Object.fromEntries(
  [...costs].flatMap(([count, cost]) =>
    Object.entries(cost).map(([name, value]) => [`${count}_workers_${name}`, value]),
  ),
);
writeReport("workers", figures, {});
const [first] = costs.values();
if (first !== undefined) printPlan(first);
process.exit(0);

async function measure(count: number): Promise<Cost> {
  const service = await startBenchService("workers", { env: { JEJAKEKAL_WORKERS: String(count) } });
  const database = new pg.Client({ connectionString: embeddedDatabaseUrl(service.home, BENCH_PORT) });
  await database.connect();
  const drive = createLoadDriver(service, database, AT_ONCE * count);
  await drive(RUNS);
  const rounds: Cost[] = [];
  const read = () => ({
    service: cpuMsOf(service.listProcesses()),
    supervisor: count === 1 ? 0 : cpuMsOf([service.pid]),
    postgres: cpuMsOf(service.listDatabaseProcesses()),
    driver: cpuMsOf([process.pid]),
  });
  for (let lap = 0; lap < ROUNDS; lap += 1) {
    const before = read();
    const began = performance.now();
    await drive(RUNS);
    const seconds = (performance.now() - began) / 1_000;
    const after = read();
    const perRun = (name: keyof typeof before) => (after[name] - before[name]) / RUNS;
    rounds.push({
      perS: RUNS / seconds,
      service: perRun("service"),
      supervisor: perRun("supervisor"),
      postgres: perRun("postgres"),
      driver: perRun("driver"),
    });
  }
  await database.end();
  await service.stop();
  const middle = (name: keyof Cost) => round(median(rounds.map((cost) => cost[name])));
  return {
    perS: middle("perS"),
    service: middle("service"),
    supervisor: middle("supervisor"),
    postgres: middle("postgres"),
    driver: middle("driver"),
  };
}

/**
 * What limits the throughput: the one thread of each worker, or the cores, which the workers share with Postgres. The disk is a third
 * limit that this does not know; one process on a fast disk shows it.
 */
function printPlan({ service, postgres }: Cost): void {
  console.log(
    `  plan for ${PLAN_CORES} cores, ${service} ms of a worker and ${postgres} ms of Postgres to a run:`,
  );
  const byCores = (PLAN_CORES * 1_000) / (service + postgres);
  for (const count of powersOfTwo(PLAN_CORES)) {
    const byThreads = (count * 1_000) / service;
    const limit = byThreads < byCores ? "the threads of the workers" : "the cores";
    console.log(
      `  ${String(count).padStart(4)} workers: ${Math.round(Math.min(byThreads, byCores))} runs/s, limited by ${limit}`,
    );
  }
  const enough = Math.ceil((PLAN_CORES * service) / (service + postgres));
  console.log(`  ${enough} workers use all cores`);
}

function powersOfTwo(max: number): readonly number[] {
  return Array.from({ length: Math.floor(Math.log2(max)) + 1 }, (_, power) => 2 ** power);
}
