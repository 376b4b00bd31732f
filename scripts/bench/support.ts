import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { measureSlowness } from "../../src/testing/machine-speed.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const REPORTS = `${ROOT}.cache/bench`;

/** A benchmark's outcome, as `bench:check` reads it. */
export type Report = Readonly<{
  name: string;
  /** The measured source: the commit, and a hash of the uncommitted changes. */
  tree: string;
  machine: string;
  /** How many times slower than the reference machine it was, the larger of before and after the measurement. */
  slowness: number;
  at: string;
  /** By the names of spec-0/budgets.json: milliseconds, or ratios within this one run. */
  figures: Readonly<Record<string, number>>;
  detail: Readonly<Record<string, Summary>>;
}>;

export type Summary = Readonly<{ n: number; p50: number; p95: number; p99: number }>;

/** Of samples in milliseconds; two decimals. */
export function summarise(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const BLOCK = 20;

/**
 * How many times longer samples took than those they were measured in alternation with: the median over blocks of the ratio of the
 * block's medians. What else a machine does for a moment falls into one or two blocks, and so does not count.
 */
export function alternatedRatio(samples: readonly number[], baseline: readonly number[]): number {
  const blocks = Math.max(1, Math.floor(Math.min(samples.length, baseline.length) / BLOCK));
  const ratios = Array.from({ length: blocks }, (_, block) => {
    const within = (values: readonly number[]) => values.slice(block * BLOCK, (block + 1) * BLOCK);
    return median(within(samples)) / median(within(baseline));
  });
  return round(median(ratios));
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export async function timed<Result>(samples: number[], work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await work();
  samples.push(performance.now() - began);
  return result;
}

const slownessBefore = measureSlowness();

export function writeReport(
  name: string,
  figures: Readonly<Record<string, number>>,
  detail: Readonly<Record<string, Summary>>,
): void {
  const report: Report = {
    name,
    tree: treeId(),
    machine: machine(),
    slowness: round(Math.max(slownessBefore, measureSlowness())),
    at: new Date().toISOString(),
    figures,
    detail,
  };
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(`${REPORTS}/${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`${name} on ${report.machine}, ${report.slowness} times slower than the reference`);
  for (const [what, { n, p50, p95, p99 }] of Object.entries(detail)) {
    console.log(`  ${what.padEnd(28)} n ${String(n).padStart(5)}   p50 ${p50}   p95 ${p95}   p99 ${p99}`);
  }
  for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure.padEnd(28)} ${value}`);
}

/** Identifies the state of the source: HEAD, and a hash of the uncommitted changes. */
export function treeId(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, maxBuffer: 64 * 1024 ** 2 });
  const head = git("rev-parse", "HEAD").toString().trim();
  const untracked = git("ls-files", "-z", "--others", "--exclude-standard")
    .toString()
    .split("\0")
    .filter(Boolean);
  const changes = [
    git("diff", "HEAD"),
    ...untracked.map((name) => Buffer.concat([Buffer.from(name), readFileSync(ROOT + name)])),
  ];
  if (changes.every(({ length }) => length === 0)) return head;
  const hash = createHash("sha256");
  for (const change of changes) hash.update(change);
  return `${head}+${hash.digest("hex").slice(0, 12)}`;
}

export function machine(): string {
  const runtime = process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`;
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "?"}, ${Math.round(totalmem() / 1024 ** 3)} GB, ${runtime}`;
}
