import { setTimeout as sleep } from "node:timers/promises";
import { type ArtifactRef, artifactIdOf } from "../domain/artifact.ts";
import type { StartCommand } from "../domain/command.ts";
import type { EffectName, Receipt } from "../domain/effect.ts";
import type { EventKind, NewEvent } from "../domain/journal.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { settledWithin } from "../time-limit.ts";
import * as artifacts from "./artifacts.ts";
import { measureBlob, readBlob } from "./blobs.ts";
import { type CommandQuery, listCommands } from "./commands.ts";
import { type Database, isDatabaseUnavailable, openDatabase, type Queryable } from "./database.ts";
import * as effects from "./effects.ts";
import { JointPool, type JointWriter } from "./joint-pool.ts";
import * as journal from "./journal.ts";
import * as records from "./run-records.ts";
import * as runs from "./runs.ts";
import type { ServerId } from "./server-identity.ts";

export { adoptSource, finishRun, putArtifact } from "./artifacts.ts";
export type { JointWriter, Write } from "./joint-pool.ts";
export type { ServerId } from "./server-identity.ts";

const EFFECTS_AT_ONCE = 8;

const CLOSE_TIMEOUT_MS = 2_000;

/** Whoever waits for the lock on an effect's key waits for as long as a slow receiver may keep its holder. */
const EFFECT_TURN_TIMEOUT_MS = 120_000;

export type Store = ReturnType<typeof openStore>;

/**
 * Everything that is kept in Postgres, in the program's words. Each method is one moment of the database: one statement, or
 * one transaction that it owns. A database that does not answer is a Failure `database_unavailable`.
 */
export function openStore({
  url,
  serverId,
  poolSize,
  enginePoolSize,
  log,
}: {
  url: string;
  serverId: ServerId;
  poolSize: number;
  enginePoolSize: number;
  log: Log;
}) {
  const database = openDatabase({ url, serverId, poolSize, log });
  // An effect on the world outside holds its connection while the world takes its time; nobody else should wait for it.
  const effectDatabase = openDatabase({
    url,
    serverId,
    poolSize: EFFECTS_AT_ONCE,
    log,
    statementTimeoutMs: EFFECT_TURN_TIMEOUT_MS,
    waitForEver: true,
  });
  const enginePool = new JointPool({ url, serverId, poolSize: enginePoolSize, log });
  const ask = <Result>(query: (db: Queryable) => Promise<Result>) => answering(() => query(database.pool));
  return {
    /** What the engine works with. */
    enginePool,
    /** Writes of ours that are committed with a record of the engine's. */
    jointly: <Result>(work: (write: JointWriter) => Promise<Result>) =>
      enginePool.jointly((write) => work((statement) => answering(() => write(statement)))),
    claimRun: (runId: string, command: StartCommand, node: string, start: () => Promise<unknown>) =>
      answering(() => claimRun(enginePool, runId, command, node, start)),
    claimFork: (runId: string, fork: runs.Fork, events: readonly NewEvent[], start: () => Promise<unknown>) =>
      answering(() => claimFork(enginePool, runId, fork, events, start)),
    findRun: (runId: string) => ask((db) => records.findRun(db, runId)),
    getRunTruth: (runId: string) => answering(() => getRunTruth(database, runId)),
    findDbosStatus: (runId: string) => ask((db) => records.findDbosStatus(db, runId)),
    findNodesWithPendingRuns: (version: string) => ask((db) => records.findNodesWithPendingRuns(db, version)),
    findPendingRuns: (node: string, version: string, sinceMs: number) =>
      ask((db) => records.findPendingRuns(db, node, version, sinceMs)),
    findOwner: (runId: string) => ask((db) => records.findOwner(db, runId)),
    countRunsOfOtherVersions: (version: string) => ask((db) => records.countRunsOfOtherVersions(db, version)),
    listRuns: (query: records.RunQuery) => ask((db) => records.listRuns(db, query)),
    listCommands: (query: CommandQuery) => ask((db) => listCommands(db, query)),
    withRunLock: <Result>(runId: string, work: (run: LockedRun) => Promise<Result>) =>
      withRunLock(database, runId, work),

    appendEvent: (event: NewEvent) => ask((db) => journal.appendEvent(db, event)),
    appendEventOnce: (event: NewEvent) => ask((db) => journal.appendEventOnce(db, event)),
    beginExecution: (runId: string, node: string) => ask((db) => journal.beginExecution(db, runId, node)),
    listEvents: (runId: string) => ask((db) => journal.listEvents(db, runId)),

    findArtifact: (ref: ArtifactRef) => ask((db) => artifacts.findArtifact(db, ref)),
    listArtifacts: (query: artifacts.ArtifactQuery) => ask((db) => artifacts.listArtifacts(db, query)),
    getContent: (artifact: ArtifactRef & { sha256: string }) => ask((db) => getContent(db, log, artifact)),
    readBlob: (sha256: string) => ask((db) => readBlob(db, sha256)),
    measureBlob: (sha256: string) => ask((db) => measureBlob(db, sha256)),

    recordEffect: (name: EffectName, receipt: Receipt) =>
      ask((db) => effects.recordEffect(db, name, receipt)),
    performOnce: (name: EffectName, perform: () => Promise<Receipt>) =>
      answering(() => effects.performOnce(effectDatabase, name, perform)),

    whenAvailable: () => whenAvailable(database.pool),
    /** A connection that is still in use then goes down with the program. */
    close: () =>
      settledWithin(
        CLOSE_TIMEOUT_MS,
        Promise.all([database.close(), effectDatabase.close(), enginePool.close()]),
      ),
  };
}

/**
 * The bytes of an artifact, checked against its sha256.
 * @throws Failure `internal_error` when they are missing or altered: the log names the artifact, the client learns nothing
 */
async function getContent(
  db: Queryable,
  log: Log,
  artifact: ArtifactRef & { sha256: string },
): Promise<Uint8Array> {
  const read = await readBlob(db, artifact.sha256);
  if (read.state === "sound") return read.bytes;
  log.artifactDamaged({ artifactId: artifactIdOf(artifact), reason: read.state, sha256: artifact.sha256 });
  throw new Failure("internal_error");
}

/**
 * Claims the id and has the engine begin the run by `start`, in one transaction. Nothing begins when the id is claimed for
 * another payload, or its run has begun already.
 */
function claimRun(
  enginePool: JointPool,
  runId: string,
  command: StartCommand,
  node: string,
  start: () => Promise<unknown>,
): Promise<runs.RunClaim> {
  return enginePool.jointly(async (write) => {
    const claim = await write((db) => runs.claimRun(db, runId, command, node));
    if (claim.payloadSha256 === command.payloadSha256 && !claim.isBegun) await start();
    return claim;
  });
}

/** Like `claimRun`, for a fork. @throws Failure `run_not_found` when the parent is not a run of this program */
function claimFork(
  enginePool: JointPool,
  runId: string,
  fork: runs.Fork,
  events: readonly NewEvent[],
  start: () => Promise<unknown>,
): Promise<void> {
  return enginePool.jointly(async (write) => {
    await write(async (db) => {
      if (!(await runs.claimFork(db, runId, fork))) {
        throw new Failure("run_not_found", { run_id: fork.parentId });
      }
      for (const event of events) await journal.appendEvent(db, event);
    });
    await start();
  });
}

/** A run, its journal and DBOS's rows on it, of one moment. @throws Failure `run_not_found` */
async function getRunTruth(database: Database, runId: string) {
  return database.transaction(async (client) => {
    await client.query("set transaction isolation level repeatable read, read only");
    const record = await records.findRun(client, runId);
    const truth = await records.findTruthRows(client, runId);
    if (record === null || truth === null) throw new Failure("run_not_found", { run_id: runId });
    return { record, truth, events: await journal.listEvents(client, runId) };
  });
}

/** The run whose lock is held, on the connection that holds it. */
export type LockedRun = Readonly<{
  /** DBOS's present word on it. */
  look(): Promise<string | null>;
  /** The last event of its journal that says whether it goes on; null when there is none. */
  lastChange(): Promise<EventKind | null>;
  /** Adds to its journal, if all goes well. */
  note(event: Omit<NewEvent, "runId">): Promise<void>;
}>;

/** One caller at a time, over all programs on this database, decides what becomes of a run. */
async function withRunLock<Result>(
  database: Database,
  runId: string,
  work: (run: LockedRun) => Promise<Result>,
): Promise<Result> {
  return answering(() =>
    database.transaction(async (client) => {
      await client.query("select pg_advisory_xact_lock(hashtextextended($1, 7310117))", [runId]);
      return work({
        look: () => records.findDbosStatus(client, runId),
        lastChange: () => journal.findLastChange(client, runId),
        note: (event) => journal.appendEvent(client, { runId, ...event }),
      });
    }),
  );
}

const LOOK_AGAIN_MS = 250;

/** Returns when the database answers. */
async function whenAvailable(db: Queryable): Promise<void> {
  for (;;) {
    try {
      await db.query("select 1");
      return;
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

async function answering<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    if (!(error instanceof Failure) && isDatabaseUnavailable(error)) {
      throw new Failure("database_unavailable", {}, { cause: error });
    }
    throw error;
  }
}
