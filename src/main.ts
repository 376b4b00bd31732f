import "./require-runtime.ts";
import { runAndExit } from "./cli/index.ts";
import { fromNodeModules } from "./postgres/index.ts";

// DBOS 5 sends queries in parallel on one connection, for which pg 8 prints a deprecation warning. This program cannot
// change that, so the warning would only confuse the person who started it.
process.noDeprecation = true;

await runAndExit(fromNodeModules());
