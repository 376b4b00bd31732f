/**
 * Runs test files on a runtime:  node scripts/test.mjs node|bun  unit|effects|modules|proof|e2e  [name]
 * A lane that finds no file fails: nothing proved is not the same as all well.
 */
import { globSync } from "node:fs";
import { root, run, say } from "./bootstrap.mjs";

const PURE = "src/{domain,document,bundle,projection,views}/**/*.test.{ts,tsx}";

/** @type {Record<string, (name: string) => string[]>} */
const LANES = {
  unit,
  effects: () => modules().filter((file) => !unit().includes(file)),
  modules,
  proof: (name) => glob(`src/testing/proofs/${name}*.test.ts`),
  e2e: () => glob("src/**/*.e2e.ts"),
};

const [runtime = "", lane = "", name = ""] = process.argv.slice(2);
const files = LANES[lane]?.(name) ?? [];
if (files.length === 0) {
  say(`No test files for ${lane} ${name}.`);
  process.exit(1);
}

/** @type {Record<string, [string, string[]]>} */
const COMMANDS = {
  node: [
    "node",
    ["--import", "tsx", "--import", "./scripts/text-modules.mjs", "--test", "--test-concurrency=2", ...files],
  ],
  bun: ["bun", ["test", "--timeout", "120000", ...files.map((file) => `./${file}`)]],
};
const [command, args] = COMMANDS[runtime] ?? ["false", []];
process.exit(run(command, args));

function unit() {
  return [...glob(PURE), ...glob("src/*.test.ts"), ...glob("scripts/**/*.test.ts")];
}

function modules() {
  return glob("src/**/*.test.{ts,tsx}").filter((file) => !file.startsWith("src/testing/proofs/"));
}

/** @param {string} pattern */
function glob(pattern) {
  return globSync(pattern, { cwd: root }).sort();
}
