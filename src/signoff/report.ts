import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Step } from "./run-scenarios.ts";

/** One line of the checklist, followed by its failed checks. */
export function checklistLines({ id, title, ok, evidence, seconds }: Step): readonly string[] {
  const line = `${ok ? "✓" : "✗"} ${id.padStart(2)}  ${title.padEnd(66)} ${seconds.toFixed(1).padStart(6)} s`;
  const disappointments = evidence
    .filter((entry) => !entry.ok)
    .flatMap(({ command, expectation, got }) => [
      `       ${command}`,
      `         expected ${expectation}`,
      `         got      ${got}`,
    ]);
  return [line, ...disappointments];
}

/** The verdict as JSON. */
export function writeVerdict(
  path: string,
  steps: readonly Step[],
  facts: Readonly<{ version: string; checkout: boolean; startedAt: Date }>,
): void {
  const failed = steps.filter(({ ok }) => !ok).map(({ id }) => id);
  const verdict = {
    ok: failed.length === 0,
    failed,
    version: facts.version,
    checkout: facts.checkout,
    machine: describeMachine(),
    at: facts.startedAt.toISOString(),
    seconds: Math.round((Date.now() - facts.startedAt.getTime()) / 1000),
    steps,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(verdict, null, 2)}\n`);
}

function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${process.platform}-${process.arch}, ${cpus().length} × ${cpu?.model.trim() ?? "?"}, ${memory} GB`;
}
