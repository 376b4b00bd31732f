/**
 * Runs test files:  node scripts/test.mjs node|bun|executable  unit|effects|modules|proof|e2e  [name…]
 * The first word is the runtime of the tests and of the programs that they start: on Node these are dist/node, which is built
 * first since it starts in half the time of the source; on Bun the source; `executable` tests dist/jejakekal from Node.
 * Fails when no file matches.
 */
import { globSync } from "node:fs";
import { environment, root, run, say } from "./bootstrap.mjs";

const PURE = "src/{domain,document,bundle,projection,views}/**/*.test.{ts,tsx}";
/** Pure modules whose tests take tens of seconds together; they are not part of `mise run verify`. */
const SLOW = "src/document/**/{determinism,hostile,properties}.test.ts";
/** A test that takes longer has failed. Suites that need less say so themselves. */
const TEST_TIMEOUT_MS = 240_000;

/** @type {Record<string, (names: readonly string[]) => string[]>} */
const SELECTIONS = {
  unit,
  effects: () => modules().filter((file) => !unit().includes(file)),
  modules,
  proof: (names) => names.flatMap((name) => glob(`src/testing/proofs/${name}*.test.ts`)),
  e2e: (names) => (names.length === 0 ? ["*"] : names).flatMap((name) => glob(`src/**/${name}.e2e.ts`)),
};

const [runtime = "", selection = "", ...names] = process.argv.slice(2);
const files = SELECTIONS[selection]?.(names) ?? [];
if (files.length === 0) {
  say(`No test files for ${selection} ${names.join(" ")}.`);
  process.exit(1);
}
process.exit(
  runtime === "bun" ? runBun() : run("node", nodeArguments(), { ...environment, ...programsOfNode() }),
);

/** The settings that tell tests on Node what to start, see src/testing/environment.ts. */
function programsOfNode() {
  if (runtime === "executable") return { JEJAKEKAL_TEST_RUNNER: "executable" };
  if (selection === "unit") return {};
  if (run("bun", ["scripts/build/build.ts", "node"]) !== 0) process.exit(1);
  return { JEJAKEKAL_TEST_NODE: "built" };
}

function nodeArguments() {
  const loaders = ["--import", "tsx", "--import", "./scripts/text-modules.mjs"];
  return [...loaders, "--test", "--test-concurrency=2", `--test-timeout=${TEST_TIMEOUT_MS}`, ...files];
}

function runBun() {
  // Without --no-isolate each file loads every module anew.
  const options = ["--parallel=2", "--no-isolate", "--timeout", "120000"];
  return run("bun", ["test", ...options, ...files.map((file) => `./${file}`)]);
}

function unit() {
  const slow = glob(SLOW);
  const pure = glob(PURE).filter((file) => !slow.includes(file));
  return [...pure, ...glob("src/*.test.ts"), ...glob("scripts/**/*.test.ts")];
}

function modules() {
  return glob("src/**/*.test.{ts,tsx}").filter((file) => !file.startsWith("src/testing/proofs/"));
}

/** @param {string} pattern */
function glob(pattern) {
  return globSync(pattern, { cwd: root }).sort();
}
