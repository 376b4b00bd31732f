/**
 * POST to done by the size of a Markdown document, against the time that its derivations take in a process of their own, measured in
 * alternation. `--large`: 10 MB too, the throughput at 16 at once, and the peak memory. Linux only.
 */
import { readFileSync } from "node:fs";
import pg from "pg";
import { startRun } from "../../src/client.ts";
import { loadTokenizer } from "../../src/document/index.ts";
import { deriveAll } from "../../src/flow/derivation/derive.ts";
import { embeddedDatabaseUrl } from "../../src/postgres/index.ts";
import { waitForDone } from "./drive-load.ts";
import { onePageDocument } from "./program.ts";
import { BENCH_PORT, startBenchService } from "./service.ts";
import { round, summarise, timed, writeReport } from "./support.ts";

const isLarge = process.argv.includes("--large");
const KB = 1_000;
const ROUNDS: readonly (readonly [name: string, bytes: number, rounds: number])[] = [
  ["20kb", 20 * KB, 8],
  ["100kb", 100 * KB, 4],
  ["1mb", KB * KB, 1],
  ...(isLarge ? [["10mb", 10 * KB * KB, 1] as const] : []),
];
const AT_ONCE = 16;
const BYTES_PER_LEVEL = 640 * KB;

await loadTokenizer();
const service = await startBenchService("sizes");
const database = new pg.Client({ connectionString: embeddedDatabaseUrl(service.home, BENCH_PORT) });
await database.connect();
let serial = 0;

const figures: Record<string, number> = {};
const detail: Record<string, ReturnType<typeof summarise>> = {};
for (let warmUp = 0; warmUp < 10; warmUp += 1) await run(document(2_000));
for (const [name, bytes, rounds] of ROUNDS) {
  const [page, whole, derivation]: [number[], number[], number[]] = [[], [], []];
  for (let lap = rounds === 1 ? 0 : -1; lap < rounds; lap += 1) {
    const isKept = lap >= 0;
    const source = document(bytes);
    await timed(isKept ? derivation : [], () => deriveAll(Buffer.from(source), "text/markdown"));
    await timed(isKept ? whole : [], () => run(source));
    await timed(isKept ? page : [], () => run(document(2_000)));
  }
  detail[`${name}, POST to done`] = summarise(whole);
  detail[`${name}, derivation`] = summarise(derivation);
  figures[`done_to_derivation_${name}`] = round(
    (summarise(whole).p50 - summarise(page).p50) / summarise(derivation).p50,
  );
}
if (isLarge) {
  for (const bytes of [2 * KB, 8 * KB, 20 * KB, 100 * KB]) {
    figures[`kb_per_s_of_${bytes / KB}kb`] = round(await throughput(bytes));
  }
  for (const pid of service.listProcesses()) figures[`peak_mb_of_${pid}`] = peakMb(pid);
}
await database.end();
await service.stop();
writeReport("sizes", figures, detail);
process.exit(0);

/** Pages with headings, each another text. */
function document(bytes: number): string {
  let text = "";
  while (text.length < bytes) {
    serial += 1;
    text += `#${onePageDocument(serial)}\n`;
  }
  return text.slice(0, bytes);
}

async function run(source: string): Promise<void> {
  const runId = await startRun(service.apiUrl, { source, sleepMs: 1 });
  await waitForDone(database, [runId]);
}

/** Kilobytes of documents per second. */
async function throughput(bytes: number): Promise<number> {
  const documents = Array.from({ length: Math.max(AT_ONCE, BYTES_PER_LEVEL / bytes) }, () => document(bytes));
  const began = performance.now();
  const worker = async () => {
    for (let source = documents.pop(); source !== undefined; source = documents.pop()) await run(source);
  };
  const count = documents.length;
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (count * bytes) / (performance.now() - began);
}

function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}
