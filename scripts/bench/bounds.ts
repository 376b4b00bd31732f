/**
 * What large documents cost a service: bun scripts/bench/bounds.ts [--cancel] [--program FILE] [NAME…]
 *
 * For each document of `large-documents.ts` it prints a row of the table in docs/documents.md: the bytes, the peak memory of the
 * service, its child processes and its Postgres together, the time from POST to the end, the 99th percentile of /healthz meanwhile, and
 * how the run ended. `--cancel` cancels each run while its document is read, and prints how long the process took to end. Memory is
 * that of the pages that a process has for itself and its share of the others (PSS). The service runs from source on the runtime of this
 * script, or is the built program that `--program` names: `dist/jejakekal` or `dist/node/main.mjs`. Linux only.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { completeRun, postJson, readRun, startRunOfFile } from "../../src/client.ts";
import { isTerminal } from "../../src/domain/run.ts";
import { ownCommand } from "../../src/own-command.ts";
import { cpuMsOf } from "./cpu.ts";
import { LARGE_DOCUMENTS } from "./large-documents.ts";
import { type BenchService, startBenchService } from "./service.ts";
import { summarise } from "./support.ts";

const POLL_MS = 200;
const MEMORY_MS = 150;
const HEALTH_MS = 100;
/** So much processor time after its start, a derivation is in the middle of its document. */
const CANCEL_AFTER_CPU_MS = 1_500;

const { values, positionals } = parseArgs({
  options: { cancel: { type: "boolean", default: false }, program: { type: "string" } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(LARGE_DOCUMENTS);
const service = await startBenchService("bounds", { command: commandOf(values.program) });
try {
  await completeRun(service.apiUrl, "# A small document\n\nfirst");
  for (const name of names) await (values.cancel ? cancelOne(name) : measureOne(name));
} finally {
  await service.stop();
}
process.exit(0);

function commandOf(program: string | undefined): readonly string[] {
  if (program === undefined) return ownCommand();
  return program.endsWith(".mjs") ? ["node", program] : [program];
}

async function measureOne(name: string): Promise<void> {
  const { bytes, mediaType } = createDocument(name);
  const memory = watchPeakMemory(service);
  const health = watchHealth(service.apiUrl);
  const began = performance.now();
  await startRunOfFile(service.apiUrl, { bytes, mediaType, query: { workflowId: name } });
  const outcome = await waitForOutcome(name);
  const seconds = (performance.now() - began) / 1000;
  const { p50, p99 } = summarise(await health.stop());
  const peak = await memory.stop();
  const row = [name, megabytes(bytes.length), peak, seconds.toFixed(1), `${p50}, ${p99}`, outcome];
  console.log(`| ${row.join(" | ")} |`);
}

async function cancelOne(name: string): Promise<void> {
  const { bytes, mediaType } = createDocument(name);
  const runId = `${name}-cancelled`;
  const before = cpuMsOf(children());
  await startRunOfFile(service.apiUrl, { bytes, mediaType, query: { workflowId: runId } });
  while (cpuMsOf(children()) - before < CANCEL_AFTER_CPU_MS) {
    if (isTerminal((await readRun(service.apiUrl, runId)).dbos_status)) break;
    await sleep(20);
  }
  const working = children();
  const began = performance.now();
  const { status } = await postJson(`${service.apiUrl}/runs/${runId}/cancel`, {});
  while (status === 202 && working.every((pid) => children().includes(pid))) await sleep(10);
  const outcome = await waitForOutcome(runId);
  console.log(`| ${name} | ${status} | ${Math.round(performance.now() - began)} ms | ${outcome} |`);
}

function createDocument(name: string): { bytes: Uint8Array; mediaType: string } {
  const found = LARGE_DOCUMENTS[name];
  if (found === undefined) throw new Error(`name one of ${Object.keys(LARGE_DOCUMENTS).join(", ")}`);
  return { bytes: found.create(), mediaType: found.mediaType };
}

function children(): readonly number[] {
  return service.listProcesses().filter((pid) => pid !== service.pid);
}

/** The status, and the code of a failure or the sizes of the artifacts. */
async function waitForOutcome(runId: string): Promise<string> {
  for (;;) {
    const { dbos_status, header, artifacts } = await readRun(service.apiUrl, runId);
    if (isTerminal(dbos_status)) {
      const sizes = artifacts.map(({ type, bytes }) => `${type} ${megabytes(bytes)}`).join(", ");
      return header.error?.code ?? `${dbos_status} (${sizes})`;
    }
    await sleep(POLL_MS);
  }
}

function watchPeakMemory({ pid, listDatabaseProcesses }: BenchService) {
  let peak = 0;
  let peakText = "";
  const look = () => {
    const parts = [[pid], children(), listDatabaseProcesses()].map(pssOf);
    const whole = parts.reduce((sum, part) => sum + part, 0);
    if (whole > peak) {
      peak = whole;
      peakText = `${megabytes(whole)} (${parts.map(megabytes).join(" + ")})`;
    }
  };
  const timer = setInterval(look, MEMORY_MS);
  return {
    async stop() {
      clearInterval(timer);
      return peakText;
    },
  };
}

/** Of these processes together, in bytes. */
function pssOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
      return sum + Number(kib) * 1024;
    } catch {
      return sum;
    }
  }, 0);
}

function watchHealth(apiUrl: string) {
  const samples: number[] = [];
  let isStopped = false;
  const look = async () => {
    while (!isStopped) {
      const began = performance.now();
      await fetch(`${apiUrl}/healthz`).then((reply) => reply.arrayBuffer());
      samples.push(performance.now() - began);
      await sleep(HEALTH_MS);
    }
  };
  const looking = look();
  return {
    async stop() {
      isStopped = true;
      await looking;
      return samples;
    },
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
