import { rmSync, writeFileSync } from "node:fs";
import { StartFailure } from "../../failure.ts";
import { type EmbeddedOptions, ensureRunning } from "./ensure-running.ts";
import { assertOwnContent, ensureExternalDatabase, recreateAt } from "./external.ts";
import { endSession, probePort } from "./probe-port.ts";
import { findSharedHome, openServerHome, type ServerHome } from "./server-home.ts";
import { toStartFailure } from "./start-failure.ts";
import { stopServer } from "./stop.ts";

/** Which Postgres: an external one (DBOS_SYSTEM_DATABASE_URL), or the embedded one of a home. */
export type DatabaseLocation =
  | { readonly kind: "external"; readonly url: string }
  | ({ readonly kind: "embedded" } & EmbeddedOptions);

/** A Postgres that answers and has the program's database, while this program is attached to it. */
export interface Database {
  readonly databaseUrl: string;
  /** The system identifier of an embedded server; undefined for an external one. */
  readonly serverId: string | undefined;
  /** A file for PGPASSFILE with the password of an embedded server; undefined for an external one. */
  readonly passFile: string | undefined;
  /** True when this call started the server. */
  readonly startedHere: boolean;
  /** Detaches; the last program to do so stops an embedded server, unless `up` keeps it. A second call does nothing. */
  release(): Promise<void>;
}

/** The database, ready for queries. Throws StartFailure with one line when it cannot be reached or started. */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  if (location.kind === "embedded") return ensureRunning(location);
  await ensureExternalDatabase(location.url);
  return {
    databaseUrl: location.url,
    serverId: undefined,
    passFile: undefined,
    startedHere: false,
    release: async () => {},
  };
}

/** `up`: opens the database, and keeps an embedded server running after every program has left. */
export async function up(location: DatabaseLocation): Promise<Omit<Database, "release">> {
  if (location.kind === "external") return openDatabase(location);
  const server = await ensureRunning(location);
  try {
    // No program stops the server meanwhile, because this one is attached.
    setKept(server.serverHome, true);
    return server;
  } finally {
    await server.release();
  }
}

/** `down`: stops the embedded server, even while programs use it. An external one is not touched. */
export async function down(location: DatabaseLocation): Promise<"stopped" | "not-running" | "external"> {
  if (location.kind === "external") return "external";
  const configured = openServerHome(location.home);
  const probe = await probePort(location.port, configured);
  if (probe.kind === "own") endSession(probe.session);
  const shared = probe.kind === "foreign" ? findSharedHome(location, configured, probe) : null;
  const serverHome = shared ?? configured;
  setKept(serverHome, false);
  const outcome = await stopServer(serverHome);
  if (outcome === "stopped") return outcome;
  if (probe.kind !== "own") return "not-running";
  throw new StartFailure(
    `The embedded Postgres of ${serverHome.home} runs as another user: stop it as that user or as root.`,
  );
}

function setKept(serverHome: ServerHome, isKept: boolean): void {
  try {
    if (isKept) writeFileSync(serverHome.keepFile, "");
    else rmSync(serverHome.keepFile, { force: true });
  } catch (error) {
    throw toStartFailure(error, serverHome.root);
  }
}

/**
 * `reset`: drops the program's database, even while programs are connected to it, and creates it empty. An external
 * database that holds tables of others is dropped only with `force`.
 */
export async function reset(location: DatabaseLocation, { force = false } = {}): Promise<void> {
  if (location.kind === "external") {
    if (!force) await assertOwnContent(location.url);
    return recreateAt(location.url);
  }
  const server = await ensureRunning(location);
  try {
    await recreateAt(server.databaseUrl);
  } finally {
    await server.release();
  }
}
