import { existsSync, rmSync, writeFileSync } from "node:fs";
import { StartFailure } from "../failure.ts";
import { DATABASE_NAME, type EmbeddedOptions, ensureRunning } from "./ensure-running.ts";
import { reachExternal, recreateAt } from "./external.ts";
import { openPlace, type Place } from "./place.ts";
import { findServing } from "./postmaster.ts";
import { askWhoListens, endSession } from "./session.ts";
import { stopServer } from "./stop.ts";
import { explain } from "./trouble.ts";

/** Which Postgres: one that somebody else runs (DBOS_SYSTEM_DATABASE_URL), or the embedded one of a home. */
export type DatabaseLocation =
  | { readonly kind: "external"; readonly url: string }
  | ({ readonly kind: "embedded" } & EmbeddedOptions);

/** A Postgres that answers, with the program's database in it, while this program holds it. */
export interface Database {
  readonly databaseUrl: string;
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
  return { databaseUrl: location.url, startedHere: false, release: async () => {} };
}

/** `up`: starts the server where needed, waits for it, and keeps it running after every program has left. */
export async function up(location: DatabaseLocation): Promise<{ databaseUrl: string; startedHere: boolean }> {
  if (location.kind === "external") {
    await reachExternal(location.url, UP_PATIENCE_MS);
    return { databaseUrl: location.url, startedHere: false };
  }
  const place = openPlace(location.home);
  const wasKept = existsSync(place.keepFile);
  // The mark comes first: a program that is about to turn the server off looks for it once nobody can attach any more.
  setKept(place, true);
  try {
    const server = await ensureRunning(location);
    await server.release();
    return { databaseUrl: server.databaseUrl, startedHere: server.startedHere };
  } catch (error) {
    if (!wasKept) setKept(place, false);
    throw error;
  }
}

/** `down`: stops the embedded server whoever uses it. An external one is its owner's business. */
export async function down(location: DatabaseLocation): Promise<"stopped" | "not-running" | "external"> {
  if (location.kind === "external") return "external";
  const place = openPlace(location.home);
  setKept(place, false);
  const outcome = await stopServer(place);
  if (outcome === "stopped" || !(await isOursAt(location.port, place)))
    return outcome === "stopped" ? outcome : "not-running";
  throw new StartFailure(
    `The embedded Postgres of ${location.home} runs as another user: stop it as that user or as root.`,
  );
}

async function isOursAt(port: number, place: Place): Promise<boolean> {
  const answer = await askWhoListens(port, place);
  if (answer.kind === "ours") endSession(answer.session);
  return answer.kind === "ours";
}

function setKept(place: Place, isKept: boolean): void {
  try {
    if (isKept) writeFileSync(place.keepFile, "");
    else rmSync(place.keepFile, { force: true });
  } catch (error) {
    throw explain(error, place.root);
  }
}

/** `reset`: drops the program's database, whoever is connected to it, and creates it empty. */
export async function reset(location: DatabaseLocation): Promise<void> {
  if (location.kind === "external") return recreateAt(location.url);
  const server = await ensureRunning(location);
  try {
    await recreateAt(server.databaseUrl);
  } finally {
    await server.release();
  }
}

export type DatabaseStatus =
  | { readonly kind: "external"; readonly state: "running" | "unreachable" }
  | {
      readonly kind: "embedded";
      /** `busy`: it starts up, shuts down, or does not answer. */
      readonly state: "running" | "busy" | "stopped";
      readonly databaseUrl: string | null;
      readonly pid: number | null;
      readonly dataDir: string;
      readonly logFile: string;
      /** True when `up` keeps it running after the last program has left. */
      readonly isKept: boolean;
    };

/** `status`: what runs now; starts nothing. */
export async function status(location: DatabaseLocation): Promise<DatabaseStatus> {
  if (location.kind === "external") {
    const isRunning = await reachExternal(location.url, 0).then(
      () => true,
      () => false,
    );
    return { kind: "external", state: isRunning ? "running" : "unreachable" };
  }
  const place = openPlace(location.home);
  const serving = findServing(place);
  const port = serving?.port || location.port;
  const isRunning = await isOursAt(port, place);
  return {
    kind: "embedded",
    state: isRunning ? "running" : serving ? "busy" : "stopped",
    databaseUrl: isRunning ? `postgresql://postgres@127.0.0.1:${port}/${DATABASE_NAME}` : null,
    pid: serving?.pid ?? null,
    dataDir: place.dataDir,
    logFile: place.logFile,
    isKept: existsSync(place.keepFile),
  };
}
