/**
 * Runs test files on a runtime:  node scripts/test.mjs node|bun  unit|effects|modules|proof|e2e  [name]
 * A lane that finds no file fails: nothing proved is not the same as all well.
 */
import { globSync } from "node:fs";
import { root, run, say } from "./bootstrap.mjs";

const PURE = "src/{domain,document,bundle,projection,views}/**/*.test.{ts,tsx}";

const LANES = {
  unit: () => [...glob(PURE), ...glob("src/*.test.ts"), ...glob("scripts/**/*.test.ts")],
  effects: () => LANES.modules().filter((file) => !LANES.unit().includes(file)),
  modules: () => glob("src/**/*.test.{ts,tsx}").filter((file) => !file.startsWith("src/testing/proofs/")),
  proof: (name) => glob(`src/testing/proofs/${name}*.test.ts`),
  e2e: () => glob("src/**/*.e2e.ts"),
};

const [runtime, lane, name] = process.argv.slice(2);
const files = LANES[lane]?.(name) ?? [];
if (files.length === 0) {
  say(`No test files for ${lane} ${name ?? ""}.`);
  process.exit(1);
}

const COMMANDS = {
  node: [
    "node",
    ["--import", "tsx", "--import", "./scripts/text-modules.mjs", "--test", "--test-concurrency=2", ...files],
  ],
  bun: ["bun", ["test", "--timeout", "120000", ...files.map((file) => `./${file}`)]],
};
const [command, args] = COMMANDS[runtime];
process.exit(run(command, args));

function glob(pattern) {
  return globSync(pattern, { cwd: root }).sort();
}
