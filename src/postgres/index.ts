export { fromArchive, packArchive } from "./binaries/archive.ts";
export { fromNodeModules, type PostgresBinaries } from "./binaries/binaries.ts";
export { listNativeFiles } from "./binaries/native-files.ts";
export { toPsqlEnvironment } from "./psql/environment.ts";
export { runPsql } from "./psql/psql.ts";
export { type DatabaseLocation, down, openDatabase, reset, up } from "./server/database-location.ts";
export { embeddedDatabaseUrl } from "./server/database-url.ts";
export { type EmbeddedServer, ensureRunning } from "./server/ensure-running.ts";
