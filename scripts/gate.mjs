/**
 * Runs the lanes of the gate in order, each a mise task that anyone can repeat by its name. Writes the results and
 * the commit that they are for to .cache/ci-verdict.json.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages, installPrograms, root, say } from "./bootstrap.mjs";
import { failuresIn, runLane } from "./lane.mjs";

/**
 * Groups of lanes, each with the minutes after which it is ended: several times what it takes on two quiet cores. The lanes of a group
 * run at the same time: each waits for other programs for a part of its time.
 * @typedef {Readonly<Record<string, number>>} Group
 * @type {readonly Group[]}
 */
const VERIFY = [{ lint: 5, types: 5, unused: 5, "xss:scan": 5 }, { "test:unit": 15 }];
/** @type {readonly Group[]} */
const CI = [
  ...VERIFY,
  // The lanes after these test what was built.
  { build: 15, "golden:diff": 15 },
  // Most of these keep both cores busy.
  { "test:node": 30 },
  { "test:bun": 30 },
  { "test:workflow": 20 },
  { "test:replay": 15, "test:idempotency": 15 },
  { smoke: 10 },
  { "ui:e2e": 25 },
  { bench: 15 },
];

/** Every suite on all three runtimes; the verdict runs each on one or two of them. */
const EVERY_RUNTIME = [
  { build: 15 },
  { "test:node:all": 60 },
  { "test:bun:all": 120 },
  { "test:executable:all": 120 },
];

/** @type {Readonly<Record<string, readonly Group[]>>} */
const GATES = { verify: VERIFY, ci: CI, all: EVERY_RUNTIME };

const gate = process.argv[2] ?? "ci";
const groups = GATES[gate];
if (groups === undefined) throw new Error(`gate.mjs takes ${Object.keys(GATES).join(", ")}`);
installPackages();
if (gate !== "verify") installPrograms();
const source = sourceState();
const began = performance.now();
/** @type {import("./lane.mjs").LaneResult[]} */
const results = [];
for (const group of groups) {
  const lanes = Object.entries(group);
  const isBuilt = results.some(({ lane, ok }) => lane === "build" && ok);
  const env = isBuilt ? { JEJAKEKAL_TEST_BUILT: "1" } : {};
  const running = lanes.map(([lane, minutes], index) => {
    // The others are shown when they end, to keep their lines apart.
    const isShown = index === 0;
    if (isShown) sayTitle(lane);
    return runLane(lane, minutes * 60_000, { env, isShown }).then((result) => {
      if (!isShown) {
        sayTitle(lane);
        process.stdout.write(result.output);
      }
      return result;
    });
  });
  results.push(...(await Promise.all(running)));
}

for (const { lane, output } of results.filter(({ ok }) => !ok)) {
  sayTitle(`why ${lane} failed`);
  console.log(failuresIn(output));
}
console.log("");
for (const { lane, ok, seconds } of results) {
  const repeat = ok ? "" : `   mise run ${lane}`;
  console.log(`${ok ? "✓" : "✗"} ${lane.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s${repeat}`);
}
const failed = results.filter(({ ok }) => !ok);
const total = (performance.now() - began) / 1_000;
console.log(`\n${results.length - failed.length} passed, ${failed.length} failed\n`);
if (gate === "ci") writeVerdict();
say(failed.length === 0 ? `All lanes passed, in ${total.toFixed(0)} s.` : "The gate failed.");
process.exit(failed.length === 0 ? 0 : 1);

/** @param {string} lane */
function sayTitle(lane) {
  say(`\n── ${lane} ${"─".repeat(Math.max(0, 76 - lane.length))}`);
}

function writeVerdict() {
  const after = sourceState();
  const verdict = {
    commit: source.commit,
    // Lanes that ran while the tree changed have judged different trees.
    dirty: source.dirty || after.dirty || after.commit !== source.commit,
    ok: failed.length === 0,
    lanes: results.map(({ lane, ok, seconds }) => ({ lane, ok, seconds })),
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
