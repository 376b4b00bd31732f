import { migrateSystemDatabase } from "@dbos-inc/dbos-sdk/internal/system_database";
import { GlobalLogger } from "@dbos-inc/dbos-sdk/internal/telemetry/logs";
import type { Log } from "../log.ts";
import { migrateThen } from "../store/migrate.ts";
import { engineLogger } from "./engine-logger.ts";

/** Brings both schemas up to date without launching anything. */
export async function prepareDatabase(databaseUrl: string, log: Log): Promise<void> {
  // `DBOS.migrate` is this with a logger of its own, which writes to stdout; stdout is for answers.
  const logger = new GlobalLogger(undefined, { logger: engineLogger(log) });
  await migrateThen(databaseUrl, () => migrateSystemDatabase(databaseUrl, logger));
}
