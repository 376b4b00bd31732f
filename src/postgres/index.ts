export { fromArchive, packArchive } from "./archive.ts";
export { fromNodeModules, type PostgresBinaries } from "./binaries.ts";
export { type EmbeddedServer, ensureRunning } from "./ensure-running.ts";
export { type DatabaseLocation, down, openDatabase, reset, up } from "./location.ts";
export { runPsql } from "./psql.ts";
