import { rmSync, writeFileSync } from "node:fs";
import { StartFailure } from "../../failure.ts";
import { type EmbeddedOptions, ensureRunning } from "./ensure-running.ts";
import { reachExternal, recreateAt, refuseForeignContent } from "./external.ts";
import { askWhoListens, endSession } from "./probe-port.ts";
import { openPlace, type Place, sharedPlace } from "./server-home.ts";
import { explain } from "./start-failure.ts";
import { stopServer } from "./stop.ts";

/** Which Postgres: one that somebody else runs (DBOS_SYSTEM_DATABASE_URL), or the embedded one of a home. */
export type DatabaseLocation =
  | { readonly kind: "external"; readonly url: string }
  | ({ readonly kind: "embedded" } & EmbeddedOptions);

/** A Postgres that answers, with the program's database in it, while this program holds it. */
export interface Database {
  readonly databaseUrl: string;
  /** What an embedded server is known by; undefined for an external one. */
  readonly serverId: string | undefined;
  /** True when this call started the server. */
  readonly startedHere: boolean;
  /** Ends the use; the last program to end it stops an embedded server, unless `up` keeps it. May be called again. */
  release(): Promise<void>;
}

/** How long an external server may take to come up when it is `up` that asks for it. */
const UP_PATIENCE_MS = 30_000;

/** The database, ready for queries. Throws StartFailure with one line when there can be none. */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  if (location.kind === "embedded") return ensureRunning(location);
  await reachExternal(location.url, 0);
  return { databaseUrl: location.url, serverId: undefined, startedHere: false, release: async () => {} };
}

/** `up`: starts the server where needed, waits for it, and keeps it running after every program has left. */
export async function up(location: DatabaseLocation): Promise<{ databaseUrl: string; startedHere: boolean }> {
  if (location.kind === "external") {
    await reachExternal(location.url, UP_PATIENCE_MS);
    return { databaseUrl: location.url, startedHere: false };
  }
  const { databaseUrl, startedHere, place, release } = await ensureRunning(location);
  try {
    // Nobody turns the server off meanwhile, since this program uses it.
    setKept(place, true);
    return { databaseUrl, startedHere };
  } finally {
    await release();
  }
}

/** `down`: stops the embedded server whoever uses it. An external one is its owner's business. */
export async function down(location: DatabaseLocation): Promise<"stopped" | "not-running" | "external"> {
  if (location.kind === "external") return "external";
  const asked = openPlace(location.home);
  const answer = await askWhoListens(location.port, asked);
  if (answer.kind === "ours") endSession(answer.session);
  const place = (answer.kind === "stranger" ? sharedPlace(location, asked, answer) : null) ?? asked;
  setKept(place, false);
  const outcome = await stopServer(place);
  if (outcome === "stopped") return outcome;
  if (answer.kind !== "ours") return "not-running";
  throw new StartFailure(
    `The embedded Postgres of ${place.home} runs as another user: stop it as that user or as root.`,
  );
}

function setKept(place: Place, isKept: boolean): void {
  try {
    if (isKept) writeFileSync(place.keepFile, "");
    else rmSync(place.keepFile, { force: true });
  } catch (error) {
    throw explain(error, place.root);
  }
}

/** `reset`: drops the program's database, whoever is connected to it, and creates it empty. One that others keep things in, only by `force`. */
export async function reset(location: DatabaseLocation, { force = false } = {}): Promise<void> {
  if (location.kind === "external") {
    if (!force) await refuseForeignContent(location.url);
    return recreateAt(location.url);
  }
  const server = await ensureRunning(location);
  try {
    await recreateAt(server.databaseUrl);
  } finally {
    await server.release();
  }
}
