import "./require-runtime.ts";
import { runOffline } from "./cli/offline.ts";

// DBOS 5 sends queries in parallel on one connection, for which pg 8 prints a deprecation warning. This program cannot
// change that, so the warning would only confuse the person who started it.
process.noDeprecation = true;

// What checks bundles needs no database, so it does not load one.
if (!(await runOffline(process.argv.slice(2)))) {
  const { runProgramAndExit } = await import("./cli/index.ts");
  const { fromNodeModules } = await import("./postgres/index.ts");
  await runProgramAndExit(fromNodeModules());
}
