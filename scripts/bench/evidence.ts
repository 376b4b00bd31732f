/**
 * Bundles: the check of one of 32 MiB against `sha256sum` over the same files, its memory beyond that of a bundle of one page, and the
 * export of a run of one page against `GET /runs/:id`. Linux only.
 */
import { execFile } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startRun, waitForEnd } from "../../src/client.ts";
import { writeBundleFolder } from "../../src/files/bundle-folder.ts";
import { bundleOf } from "../../src/testing/bundles.ts";
import { onePageDocument } from "./program.ts";
import { startBenchService } from "./service.ts";
import { ROOT, round, summarise, timed, writeReport } from "./support.ts";

const FOLDER = `${ROOT}.cache/bench/evidence-bundles`;
const BUNDLE_BYTES = 32 * 1024 ** 2;
/** A document of so many bytes comes to a bundle of 32 MiB. */
const DOCUMENT_BYTES = 4_700_000;
const VERIFY_ROUNDS = 5;
const EXPORT_ROUNDS = 20;
const PROBE = `${ROOT}scripts/bench/verify-probe.ts`;

rmSync(FOLDER, { recursive: true, force: true });
const large = await writeBundle("large", DOCUMENT_BYTES);
const small = await writeBundle("small", 2_000);
const files = filesBelow(large);
const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
if (bytes < BUNDLE_BYTES) throw new Error(`the bundle has ${bytes} bytes`);

const [sums, verifications]: [number[], number[]] = [[], []];
const growths: number[] = [];
const page = await probe(small);
for (let lap = 0; lap < VERIFY_ROUNDS; lap += 1) {
  await timed(sums, () => promisify(execFile)("sha256sum", files));
  const whole = await probe(large);
  verifications.push(whole.durationMs);
  growths.push(whole.peakMb - page.peakMb);
}

const service = await startBenchService("evidence");
const runId = await startRun(service.apiUrl, { source: onePageDocument(1), sleepMs: 1 });
await waitForEnd(service.apiUrl, runId, { intervalMs: 5, timeoutMs: 60_000 });
const [reads, zips, folders]: [number[], number[], number[]] = [[], [], []];
for (let lap = -5; lap < EXPORT_ROUNDS; lap += 1) {
  await timed(lap < 0 ? [] : reads, () => get(`/runs/${runId}`));
  await timed(lap < 0 ? [] : zips, () => get(`/runs/${runId}/bundle.zip`));
  await timed(lap < 0 ? [] : folders, () => get(`/runs/${runId}/export`));
}
await service.stop();
rmSync(FOLDER, { recursive: true, force: true });

const ratio = (samples: readonly number[], base: readonly number[]) =>
  round(summarise(samples).p50 / summarise(base).p50);
writeReport(
  "evidence",
  {
    // The fastest of each: other work of the machine only adds to a duration, and few rounds have no steady median.
    verify_to_sha256sum_ratio: round(Math.min(...verifications) / Math.min(...sums)),
    verify_growth_mb: Math.max(...growths),
    export_to_read_ratio: ratio(folders, reads),
    zip_to_read_ratio: ratio(zips, reads),
  },
  {
    "sha256sum, 32 MiB": summarise(sums),
    "verify, 32 MiB": summarise(verifications),
    "GET /runs/:id": summarise(reads),
    "GET /runs/:id/export": summarise(folders),
    "GET /runs/:id/bundle.zip": summarise(zips),
  },
);
process.exit(0);

async function writeBundle(name: string, size: number): Promise<string> {
  let source = "";
  for (let serial = 1; source.length < size; serial += 1) source += `#${onePageDocument(serial)}\n`;
  const { entries } = await bundleOf({ source: source.slice(0, size) });
  return writeBundleFolder(FOLDER, name, entries);
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Verifies a bundle in a process of its own. The time is that of the check alone, as in a service that has started. */
async function probe(place: string): Promise<Readonly<{ durationMs: number; peakMb: number }>> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROBE, place]);
  return JSON.parse(stdout);
}

async function get(path: string): Promise<void> {
  const reply = await fetch(`${service.apiUrl}${path}`);
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}`);
  await reply.arrayBuffer();
}
