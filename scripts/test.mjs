/**
 * Runs test files:  node scripts/test.mjs node|bun|executable  unit|effects|modules|modules-on-bun|proof|e2e  [name…]
 * The first word is the runtime of the tests and of the programs that they start: on Node these are dist/node, which starts in half
 * the time of the source and is built first; on Bun the source; `executable` tests dist/jejakekal from Node.
 * `JEJAKEKAL_TEST_BUILT=1` says that dist is current: then nothing is built, and tests on Bun start dist/jejakekal, which is Bun too
 * and starts in a third of the time.
 * Fails when no file matches.
 */
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environment, root, run, say } from "./bootstrap.mjs";

const PURE = "src/{domain,document,bundle,projection,views}/**/*.test.{ts,tsx}";
/** Pure modules whose tests take tens of seconds together: not part of `mise run verify`, and in the gate on Node alone. */
const SLOW = "src/document/**/{determinism,hostile,properties}.test.ts";
/** In the gate these run on Node alone: they start both runtimes themselves, or test Postgres and nginx more than this program. */
const ONCE = [
  "src/postgres/",
  "src/files/runtimes.test.ts",
  "src/flow/erased-disk.test.ts",
  "src/http/nginx.test.ts",
  "src/testing/",
];
/**
 * A test file that imports this starts the whole program and talks to it from outside, so it hardly matters what runs the test. In the
 * gate these run on Bun alone, where the program is the executable; the proofs and the page tests start the program on Node.
 */
const STARTS_PROGRAM = "testing/program.ts";
/**
 * Processes that run at the same time. Tests with effects wait for other programs half of the time. A proof or a page test has a process
 * for each file; the others share as many processes as run, since most of their time would go into loading the same modules anew.
 */
const AT_ONCE = { unit: 2, effects: 4, perFile: 3, bun: 3 };
/** The proofs and page tests that take long, the longest first: they begin first, so that none is left to run alone at the end. */
const LONG = [
  ...["workflow-nodes", "workflow-outage", "workflow-faults", "workflow-partition", "workflow-start"],
  ...["craft", "three-planes", "split-mode", "conversation"],
];
/** A test that takes longer has failed. Suites that need less say so themselves. */
const TEST_TIMEOUT_MS = 240_000;

/** @type {Record<string, (names: readonly string[]) => string[]>} */
const SELECTIONS = {
  unit,
  effects,
  modules,
  "modules-on-bun": modulesOnBun,
  proof: (names) => names.flatMap((name) => glob(`src/testing/proofs/${name}*.test.ts`)),
  e2e: (names) => (names.length === 0 ? ["*"] : names).flatMap((name) => glob(`src/**/${name}.e2e.ts`)),
};

const isBuilt = process.env.JEJAKEKAL_TEST_BUILT === "1";
const ofExecutable = { JEJAKEKAL_TEST_RUNNER: "executable" };

const [runtime = "", selection = "", ...names] = process.argv.slice(2);
const files = SELECTIONS[selection]?.(names) ?? [];
if (files.length === 0) {
  say(`No test files for ${selection} ${names.join(" ")}.`);
  process.exit(1);
}
process.exit(runtime === "bun" ? runBun() : await runNode());

/** The settings that tell tests on Node what to start, see src/testing/environment.ts. */
function programsOfNode() {
  if (runtime === "executable") return ofExecutable;
  if (selection === "unit" || isBuilt) return {};
  if (run("bun", ["scripts/build/build.ts", "node"]) !== 0) process.exit(1);
  return { JEJAKEKAL_TEST_BUILT: "1" };
}

async function runNode() {
  const env = { ...environment, ...programsOfNode() };
  const isPerFile = ["proof", "e2e"].includes(selection);
  const atOnce = isPerFile ? AT_ONCE.perFile : selection === "unit" ? AT_ONCE.unit : AT_ONCE.effects;
  const shares = isPerFile ? byLength(files).map((file) => [file]) : deal(files, atOnce);
  const waiting = [...shares.entries()];
  let code = 0;
  // A lane that takes too long gets SIGTERM, as its tests do: they print where they were and end, and no others begin.
  process.once("SIGTERM", () => {
    waiting.length = 0;
    code = 1;
  });
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, share] = next;
      code = (await runShare(share, env, index === 0)) || code;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return code;
}

/** @param {readonly string[]} paths */
function byLength(paths) {
  /** @param {string} path */
  const rankOf = (path) => {
    const rank = LONG.findIndex((name) => path.includes(`/${name}.`));
    return rank === -1 ? LONG.length : rank;
  };
  return paths.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/**
 * @param {readonly string[]} paths
 * @param {number} count of processes
 */
function deal(paths, count) {
  return Array.from({ length: count }, (_, first) => paths.filter((_, index) => index % count === first));
}

/**
 * @param {string[]} share test files for one process
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} isShown whether its output is shown as it comes; otherwise when it ends, to keep the shares apart
 * @returns {Promise<number>} the exit code
 */
function runShare(share, env, isShown) {
  const child = spawn("node", nodeArguments(["--test-isolation=none", "--test-force-exit"], share), {
    cwd: root,
    env,
    stdio: ["ignore", isShown ? "inherit" : "pipe", "inherit"],
  });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout?.on("data", (chunk) => output.push(chunk));
  return new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", (code) => {
      process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

/**
 * @param {string[]} options
 * @param {string[]} paths
 */
function nodeArguments(options, paths) {
  const loaders = ["--import", "tsx", "--import", "./scripts/text-modules.mjs"];
  return [
    ...loaders,
    "--test",
    ...options,
    "--test-reporter=spec",
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    ...paths,
  ];
}

function runBun() {
  // Without --no-isolate each file loads every module anew.
  const options = [`--parallel=${AT_ONCE.bun}`, "--no-isolate", `--timeout=${TEST_TIMEOUT_MS}`];
  const env = { ...environment, ...(isBuilt ? ofExecutable : {}) };
  return run("bun", ["test", ...options, ...files.map((file) => `./${file}`)], env);
}

function unit() {
  const slow = glob(SLOW);
  const pure = glob(PURE).filter((file) => !slow.includes(file));
  return [...pure, ...glob("src/*.test.ts"), ...glob("scripts/**/*.test.ts")];
}

function effects() {
  const pure = unit();
  return modules().filter((file) => !pure.includes(file) && (isOnNodeAlone(file) || !startsProgram(file)));
}

function modulesOnBun() {
  const slow = glob(SLOW);
  return modules().filter((file) => !slow.includes(file) && !isOnNodeAlone(file));
}

/** @param {string} file */
function isOnNodeAlone(file) {
  return ONCE.some((path) => file.startsWith(path));
}

/** @param {string} file */
function startsProgram(file) {
  return readFileSync(join(root, file), "utf8").includes(STARTS_PROGRAM);
}

function modules() {
  return glob("src/**/*.test.{ts,tsx}").filter((file) => !file.startsWith("src/testing/proofs/"));
}

/** @param {string} pattern */
function glob(pattern) {
  return globSync(pattern, { cwd: root }).sort();
}
