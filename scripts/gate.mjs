/**
 * The verdict as a checklist: every lane is a mise task that anyone can repeat by its name. What the whole came to on which
 * commit lies in .cache/ci-verdict.json afterwards.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages, installPrograms, root, run, say } from "./bootstrap.mjs";

const VERIFY = ["lint", "types", "unused", "xss:scan", "test:unit"];
const CI = [
  ...VERIFY,
  "test:node",
  "test:bun",
  "test:workflow",
  "test:replay",
  "test:idempotency",
  "golden:diff",
  "build",
  "smoke",
  "ui:e2e",
  "bench",
];

const isVerify = process.argv[2] === "verify";
installPackages();
if (!isVerify) installPrograms();
const source = sourceState();
/** @type {{ lane: string, ok: boolean, seconds: number }[]} */
const results = [];
for (const lane of isVerify ? VERIFY : CI) {
  say(`\n── ${lane} ${"─".repeat(Math.max(0, 76 - lane.length))}`);
  const began = performance.now();
  const ok = run("mise", ["run", lane]) === 0;
  results.push({ lane, ok, seconds: Math.round((performance.now() - began) / 100) / 10 });
}

console.log("");
for (const { lane, ok, seconds } of results) {
  console.log(
    `${ok ? "✓" : "✗"} ${lane.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s${ok ? "" : `   mise run ${lane}`}`,
  );
}
const failed = results.filter(({ ok }) => !ok);
const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
console.log(`\n${results.length - failed.length} passed, ${failed.length} failed\n`);
if (!isVerify) writeVerdict();
say(failed.length === 0 ? `All lanes are well, in ${total.toFixed(0)} s.` : "The verdict is no.");
process.exit(failed.length === 0 ? 0 : 1);

function writeVerdict() {
  const after = sourceState();
  const verdict = {
    commit: source.commit,
    // A tree that changed under the lanes is not what any one of them judged.
    dirty: source.dirty || after.dirty || after.commit !== source.commit,
    ok: failed.length === 0,
    lanes: results,
    at: new Date().toISOString(),
  };
  mkdirSync(join(root, ".cache"), { recursive: true });
  writeFileSync(join(root, ".cache", "ci-verdict.json"), `${JSON.stringify(verdict, null, 2)}\n`);
}

function sourceState() {
  /** @param {string[]} args */
  const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return {
    commit: git("rev-parse", "HEAD").stdout.trim() || "unknown",
    dirty: git("status", "--porcelain").stdout !== "",
  };
}
