import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { testEnvironment } from "./environment.ts";
import { REPOSITORY } from "./paths.ts";

/** What the program under test runs on. */
export type Runner = "node" | "bun" | "executable";

const EXECUTABLE = join(REPOSITORY, "dist", "jejakekal");
const NODE_BUNDLE = join(REPOSITORY, "dist", "node", "main.mjs");

/** The runtime that runs the tests, or what JEJAKEKAL_TEST_RUNNER names. */
export function runnerUnderTest(): Runner {
  const { runner } = testEnvironment;
  if (runner === "node" || runner === "bun") return runner;
  if (runner === "executable") {
    if (!existsSync(EXECUTABLE)) throw new Error(`${EXECUTABLE} is not there: run \`mise run build\` first`);
    return runner;
  }
  if (runner) throw new Error(`JEJAKEKAL_TEST_RUNNER takes node, bun or executable, and got ${runner}`);
  return process.versions.bun === undefined ? "node" : "bun";
}

/** The other source runner, for tests in which one takes up what the other began. */
export function otherRunner(runner: Runner): "node" | "bun" {
  return runner === "node" ? "bun" : "node";
}

/** The command line that runs a script, by its path or within this repository. The real binaries: a wrapper would take the signals meant for them. */
export function scriptCommand(runner: "node" | "bun", script: string): readonly string[] {
  const path = resolve(REPOSITORY, script);
  if (runner === "bun") return [runtimePath("bun"), path];
  const textModules = pathToFileURL(join(REPOSITORY, "scripts", "text-modules.mjs")).href;
  return [runtimePath("node"), "--import", "tsx", "--import", textModules, path];
}

/** The command line that runs the program. */
export function programCommand(runner: Runner): readonly string[] {
  if (runner === "executable") return [EXECUTABLE];
  if (runner === "node" && testEnvironment.isBuilt) return [runtimePath("node"), NODE_BUNDLE];
  return scriptCommand(runner, "src/main.ts");
}

function runtimePath(runtime: "node" | "bun"): string {
  const isBun = process.versions.bun !== undefined;
  if (isBun === (runtime === "bun")) return process.execPath;
  const path = runtime === "bun" ? "bun/bin/bun.exe" : "node/bin/node";
  return join(REPOSITORY, "node_modules", path);
}
