import "./demand-runtime.ts";
import { runAndExit } from "./cli/index.ts";
import { fromNodeModules } from "./postgres/index.ts";

// DBOS 5 sends queries side by side on one connection, which pg 8 calls deprecated once per process. It is not ours to mend,
// and a person who starts this program should not be told.
process.noDeprecation = true;

await runAndExit(fromNodeModules());
