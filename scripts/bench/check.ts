/** Compares the measurements with spec-0/budgets.json. Fails when a figure is missing, from other source code, or over its limit. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { REPORTS, ROOT, treeId } from "./support.ts";

const budgets = z
  .record(z.string(), z.record(z.string(), z.number().positive()))
  .parse(JSON.parse(readFileSync(`${ROOT}spec-0/budgets.json`, "utf8")));
const reportSchema = z.object({
  tree: z.string(),
  slowness: z.number().default(1),
  figures: z.record(z.string(), z.number()),
});
type BenchReport = z.output<typeof reportSchema>;

/** The largest factor that limits are multiplied by: on a slower machine the comparison means nothing. */
const MAX_SLOWNESS = 8;

const tree = treeId();
let failures = 0;
for (const [name, limits] of Object.entries(budgets)) {
  const report = readReport(name);
  const caps = stretchCaps(limits, report?.slowness ?? 1);
  for (const [figure, cap] of Object.entries(caps)) {
    const value = report?.figures[figure];
    const verdict = compare(report?.tree, value, cap);
    if (verdict !== "ok") failures += 1;
    console.log(
      `${verdict === "ok" ? "✓" : "✗"} ${verdict.padEnd(24)} ${figure.padEnd(24)} ${value ?? "–"} <= ${cap}`,
    );
  }
}
if (failures > 0)
  console.log(`\n${failures} over budget, stale or missing: run \`mise run bench\` and look again.`);
process.exit(failures === 0 ? 0 : 1);

function readReport(name: string): BenchReport | null {
  const path = `${REPORTS}/${name}.json`;
  return existsSync(path) ? reportSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : null;
}

/** Multiplies limits in milliseconds by how slow the machine was during the measurement. Limits of ratios do not change. */
function stretchCaps(
  caps: Readonly<Record<string, number>>,
  slowness: number,
): Readonly<Record<string, number>> {
  const factor = Math.min(MAX_SLOWNESS, slowness);
  return Object.fromEntries(
    Object.entries(caps).map(([figure, cap]) => [
      figure,
      figure.endsWith("_ms") ? Math.round(cap * factor) : cap,
    ]),
  );
}

function compare(measuredTree: string | undefined, value: number | undefined, cap: number): string {
  if (value === undefined || Number.isNaN(value)) return "MISSING";
  if (measuredTree !== tree) return "STALE (another commit)";
  return value <= cap ? "ok" : "OVER";
}
