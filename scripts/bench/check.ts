/** Compares what was measured with spec-0/budgets.json: a figure that is missing, stale or over its cap fails. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { REPORTS, ROOT, treeId } from "./support.ts";

const budgets = z
  .record(z.string(), z.record(z.string(), z.number().positive()))
  .parse(JSON.parse(readFileSync(`${ROOT}spec-0/budgets.json`, "utf8")));
const reportSchema = z.object({ tree: z.string(), figures: z.record(z.string(), z.number()) });

/**
 * What a bare DBOS run of seven steps takes on the machine that the caps are for, and by how much at most they are stretched
 * on a slower one. A shared host is at times half as fast as at others; the ratios hold on any.
 */
const REFERENCE_BARE_RUN_MS = 15;
const MAX_STRETCH = 2;

const tree = treeId();
let failures = 0;
for (const [name, limits] of Object.entries(budgets)) {
  const report = readReport(name);
  const caps = stretch(limits, readReport("ingest")?.figures.bare_run_p50_ms);
  for (const [figure, cap] of Object.entries(caps)) {
    const value = report?.figures[figure];
    const verdict = judge(report?.tree, value, cap);
    if (verdict !== "ok") failures += 1;
    console.log(
      `${verdict === "ok" ? "✓" : "✗"} ${verdict.padEnd(24)} ${figure.padEnd(24)} ${value ?? "–"} <= ${cap}`,
    );
  }
}
if (failures > 0)
  console.log(`\n${failures} over budget, stale or missing: run \`mise run bench\` and look again.`);
process.exit(failures === 0 ? 0 : 1);

function readReport(name: string) {
  const path = `${REPORTS}/${name}.json`;
  return existsSync(path) ? reportSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : null;
}

/** Caps in milliseconds for a machine of this speed, which is told by what a bare run took in the same hour. */
function stretch(limits: Readonly<Record<string, number>>, bareRunMs = 0): Readonly<Record<string, number>> {
  const factor = Math.min(MAX_STRETCH, Math.max(1, bareRunMs / REFERENCE_BARE_RUN_MS));
  return Object.fromEntries(
    Object.entries(limits).map(([figure, cap]) => [
      figure,
      figure.endsWith("_ms") ? Math.round(cap * factor) : cap,
    ]),
  );
}

function judge(measuredTree: string | undefined, value: number | undefined, cap: number): string {
  if (value === undefined || Number.isNaN(value)) return "MISSING";
  if (measuredTree !== tree) return "STALE (another commit)";
  return value <= cap ? "ok" : "OVER";
}
