import { databaseLocation } from "../app.ts";
import { type Config, readConfig } from "../config.ts";
import { type EngineClient, openEnginePools, prepareDatabase, withEngineClient } from "../engine/index.ts";
import { createLog, type Log } from "../log.ts";
import { type DatabaseLocation, openDatabase, type PostgresBinaries } from "../postgres/index.ts";
import { openStore, type ServerId, type Store } from "../store/index.ts";

/** The node name that a subcommand writes into the journal of a run. */
export const CLI_NODE = "cli";

/** What a subcommand needs. */
export type CliContext = Readonly<{
  config: Config;
  binaries: PostgresBinaries;
  location: DatabaseLocation;
  /** Writes to stderr, because stdout is for the answer. */
  log: Log;
}>;

export function cliContext(binaries: PostgresBinaries): CliContext {
  const config = readConfig();
  const log = createLog({
    level: config.logLevel === "info" ? "warn" : config.logLevel,
    format: config.logFormat,
    fd: 2,
  });
  return { config, binaries, location: databaseLocation(config, binaries), log };
}

/** The address and identity of the opened database. */
type StoreDatabase = Readonly<{ databaseUrl: string; serverId: ServerId }>;

/** Opens the database, migrates it, calls `work` with a store, and closes it. An embedded server that it started is stopped again. */
export async function withStore<Result>(
  { location, log }: CliContext,
  work: (store: Store, database: StoreDatabase) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl, serverId, release } = await openDatabase(location);
  try {
    await prepareDatabase(databaseUrl, log);
    const store = openStore({ url: databaseUrl, serverId, poolSize: 4, log });
    try {
      return await work(store, { databaseUrl, serverId });
    } finally {
      await store.close();
    }
  } finally {
    await release();
  }
}

/** Like `withStore`, with a client of the engine beside the store. */
export function withEngine<Result>(
  context: CliContext,
  work: (engine: EngineClient, store: Store) => Promise<Result>,
): Promise<Result> {
  const { log } = context;
  return withStore(context, async (store, { databaseUrl, serverId }) => {
    const pools = openEnginePools({ url: databaseUrl, serverId, maxConnections: 4, log });
    try {
      return await withEngineClient({ databaseUrl, pools, log }, (engine) => work(engine, store));
    } finally {
      await pools.close();
    }
  });
}
