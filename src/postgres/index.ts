export { fromArchive, packArchive } from "./binaries/archive.ts";
export { fromNodeModules, type PostgresBinaries } from "./binaries/binaries.ts";
export { listNativeFiles } from "./binaries/native-files.ts";
export { runPsql } from "./psql/psql.ts";
export { type EmbeddedServer, ensureRunning } from "./server/ensure-running.ts";
export { type DatabaseLocation, down, openDatabase, reset, up } from "./server/location.ts";
