import { migrateSystemDatabase } from "@dbos-inc/dbos-sdk/internal/system_database";
import { GlobalLogger } from "@dbos-inc/dbos-sdk/internal/telemetry/logs";
import type { Log } from "../log.ts";
import { migrateThen } from "../store/migrate.ts";
import { createEngineLogger } from "./logger.ts";

/**
 * Migrates the schemas of this program and of DBOS, and launches nothing.
 * @param migrations those of this program to apply; all, where it is not given
 */
export async function prepareDatabase(
  databaseUrl: string,
  log: Log,
  migrations?: readonly string[],
): Promise<void> {
  // `DBOS.migrate` does the same with a logger that writes to stdout, which is for the answers of a command.
  const logger = new GlobalLogger(undefined, { logger: createEngineLogger(log) });
  await migrateThen(databaseUrl, () => migrateSystemDatabase(databaseUrl, logger), migrations);
}
