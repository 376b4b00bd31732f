import { setTimeout as sleep } from "node:timers/promises";
import { type ArtifactRef, artifactIdOf, type ContentRef } from "../domain/artifact.ts";
import type { BatchItem } from "../domain/batch.ts";
import type { EffectName, Receipt } from "../domain/effect.ts";
import type { EventKind, JournalQuery, NewEvent } from "../domain/journal.ts";
import type { ReviewRef } from "../domain/review.ts";
import type { ArtifactQuery, CommandQuery, RunQuery } from "../domain/run-reader.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { settleWithin } from "../timeout.ts";
import * as artifacts from "./artifacts.ts";
import { withAttachmentStates } from "./attachments.ts";
import * as batches from "./batches.ts";
import { measureBlob, readBlob, readBlobPart, readBlobs } from "./blobs.ts";
import type { ServerId } from "./cluster-identity.ts";
import { listCommands } from "./commands.ts";
import { type Database, openDatabase, type Queryable } from "./database.ts";
import * as effects from "./effects.ts";
import * as erasures from "./erasures.ts";
import { createGivenUpReader } from "./given-up.ts";
import * as imported from "./imported-runs.ts";
import * as journal from "./journal.ts";
import { createJournalReader } from "./journal-reader.ts";
import { createMeasurementReader } from "./measurements.ts";
import { isDatabaseUnavailable, isStorageUnavailable, withTypedOutage } from "./outage.ts";
import { createOverviewReader } from "./overview.ts";
import * as reviews from "./reviews.ts";
import { listRuns } from "./run-list.ts";
import * as records from "./run-records.ts";
import { findBacklog, type IndexWriter, withIndexLock } from "./search-index.ts";
import { type IndexReader, withIndexReader } from "./search-read.ts";
import * as tokens from "./tokens.ts";
import { createTurns } from "./turns.ts";

export { adoptSource, finishRun, putArtifact } from "./artifacts.ts";
export type { ServerId } from "./cluster-identity.ts";
export type { Connection, ConnectionPool, Queryable } from "./database.ts";
export { EffectBegunBeforeError, putReceipt } from "./effects.ts";
export type { ImportedFile } from "./imported-runs.ts";
export { appendEvent, appendEventOnce, type Executor } from "./journal.ts";
export { isDatabaseUnavailable, isStorageUnavailable, withTypedOutage } from "./outage.ts";
export { openPool, sizedTimeoutMs } from "./pool.ts";
export { announceQueuedRun } from "./queued-runs.ts";
export type { ReviewQuery } from "./reviews.ts";
export type { BusyNode, WaitingWork } from "./run-records.ts";
export { claimFork, claimRun, findStarter, hasRoomForRun, type RunClaim } from "./runs.ts";
export type { IndexableRun, IndexedChunk, IndexWriter } from "./search-index.ts";
export type { IndexedTerm, IndexReader, IndexState, StoredHit } from "./search-read.ts";
export { areSentInParts } from "./sent-bytes.ts";

const MAX_CONCURRENT_EFFECTS = 8;

const CLOSE_TIMEOUT_MS = 2_000;

/** Changes of different runs that are made at the same time; each holds a connection and takes some milliseconds. */
const MAX_CONCURRENT_CHANGES = 4;

export type Store = ReturnType<typeof openStore>;

/**
 * Everything that is kept in Postgres. Each method is one statement, or one transaction that it owns. When the database is away,
 * a method throws Failure `database_unavailable`.
 */
export function openStore({
  url,
  serverId,
  poolSize,
  log,
}: {
  url: string;
  serverId: ServerId;
  poolSize: number;
  log: Log;
}) {
  const database = openDatabase({ url, serverId, poolSize, log });
  // An effect keeps its connection while a receiver answers. Reads have a pool of their own, so they do not wait for it.
  const effectDatabase = openDatabase({
    url,
    serverId,
    poolSize: MAX_CONCURRENT_EFFECTS,
    log,
    connectTimeoutMs: 0,
  });
  // A change waits for the lock of its run, held by another change. Reads do not wait behind changes, nor changes of other
  // runs: of one run only one change at a time takes a connection in this process.
  const changeDatabase = openDatabase({ url, serverId, poolSize: MAX_CONCURRENT_CHANGES, log });
  const inTurn = createTurns();
  const findGivenUp = createGivenUpReader();
  const readOverview = createOverviewReader(findGivenUp);
  const measure = createMeasurementReader();
  const readJournal = createJournalReader();
  const ask = <Result>(query: (db: Queryable) => Promise<Result>) =>
    withTypedOutage(() => query(database.pool));
  return {
    findRun: (runId: string) => ask((db) => findRun(db, runId)),
    findRunTruth: (runId: string) => withTypedOutage(() => findRunTruth(database, runId)),
    listImportedFiles: (runId: string) => ask((db) => imported.listImportedFiles(db, runId)),
    insertImportedRun: (run: imported.RunToImport) =>
      withTypedOutage(() => imported.insertImportedRun(changeDatabase, run)),
    findDbosStatus: (runId: string) => ask((db) => records.findDbosStatus(db, runId)),
    findWaitingWork: (version: string, queue: string) =>
      ask((db) => records.findWaitingWork(db, version, queue)),
    findPendingRuns: (node: string, version: string, olderThanMs: number) =>
      ask((db) => records.findPendingRuns(db, node, version, olderThanMs)),
    hasStepAfter: (runId: string, functionId: number) =>
      ask((db) => records.hasStepAfter(db, runId, functionId)),
    countRunsOfOtherVersions: (version: string) => ask((db) => records.countRunsOfOtherVersions(db, version)),
    listRuns: (query: RunQuery) => ask((db) => listRuns(db, query, findGivenUp)),
    listCommands: (query: CommandQuery) => ask((db) => listCommands(db, query)),
    withRunLock: <Result>(runId: string, work: (run: LockedRun) => Promise<Result>) =>
      inTurn(runId, () => withRunLock(changeDatabase, runId, work)),

    appendEvent: (event: NewEvent) => ask((db) => journal.appendEvent(db, event)),
    appendEventOnce: (event: NewEvent) => ask((db) => journal.appendEventOnce(db, event)),
    appendExecutionEvent: (
      executor: journal.Executor,
      event: Parameters<typeof journal.appendExecutionEvent>[2],
    ) => ask((db) => journal.appendExecutionEvent(db, executor, event)),
    beginExecution: (executor: journal.Executor) => ask((db) => journal.beginExecution(db, executor)),
    findCurrentExports: (runIds: readonly string[]) => ask((db) => journal.findCurrentExports(db, runIds)),
    listEvents: (runId: string) => ask((db) => journal.listEvents(db, runId)),
    readJournal: (runId: string, query: JournalQuery) => ask((db) => readJournal(db, runId, query)),

    readOverview: () => ask(readOverview),
    createBatch: (batchId: string) => ask((db) => batches.createBatch(db, batchId)),
    hasBatch: (batchId: string) => ask((db) => batches.hasBatch(db, batchId)),
    addBatchItem: (batchId: string, itemKey: string | null, item: BatchItem) =>
      ask((db) => batches.addBatchItem(db, batchId, itemKey, item)),
    findBatch: (batchId: string) => ask((db) => batches.findBatch(db, batchId)),

    findArtifact: (ref: ArtifactRef) => ask((db) => artifacts.findArtifact(db, ref)),
    listArtifacts: (query: ArtifactQuery) => ask((db) => artifacts.listArtifacts(db, query)),
    getContent: (artifact: ContentRef) => ask((db) => getContent(db, log, artifact)),
    isErased: (runId: string) => ask((db) => erasures.isErased(db, runId)),
    listExpiredRuns: (ageMs: number, limit: number) =>
      ask((db) => erasures.listExpiredRuns(db, ageMs, limit)),
    readBlob: (sha256: string) => ask((db) => readBlob(db, sha256)),
    readBlobs: (hashes: readonly string[]) => ask((db) => readBlobs(db, hashes)),
    readBlobPart: (sha256: string, start: number, length: number) =>
      ask((db) => readBlobPart(db, sha256, start, length)),
    measureBlob: (sha256: string) => ask((db) => measureBlob(db, sha256)),

    fillReviewQueue: (runs: number) => ask((db) => reviews.fillReviewQueue(db, runs)),
    countOpenReviews: () => ask(reviews.countOpenReviews),
    listReviews: (query: reviews.ReviewQuery) => ask((db) => reviews.listReviews(db, query)),
    findReview: (ref: ReviewRef) => ask((db) => reviews.findReview(db, ref)),
    decideReview: (ref: ReviewRef, event: Parameters<typeof reviews.decideReview>[2]) =>
      withTypedOutage(() => reviews.decideReview(changeDatabase, ref, event)),

    findBacklog: (quietMs: number) => ask((db) => findBacklog(db, quietMs)),
    withIndexLock: <Result>(work: (index: IndexWriter) => Promise<Result>) =>
      withTypedOutage(() => withIndexLock(database, work)),
    withIndexReader: <Result>(work: (index: IndexReader) => Promise<Result>) =>
      withTypedOutage(() => withIndexReader(database, work)),

    recordEffect: (name: EffectName, receipt: Receipt) =>
      ask((db) => effects.recordEffect(db, name, receipt)),
    performOnce: (name: EffectName, perform: () => Promise<Receipt>) =>
      withTypedOutage(() => effects.performOnce(effectDatabase, name, perform)),

    /** Returns when the database has answered. */
    ping: () => ask(async (db) => void (await db.query("select"))),
    listTokens: () => ask((db) => tokens.listTokens(db)),
    createToken: (token: Parameters<typeof tokens.createToken>[1]) =>
      ask((db) => tokens.createToken(db, token)),
    revokeToken: (name: string) => ask((db) => tokens.revokeToken(db, name)),
    openSession: (session: Parameters<typeof tokens.openSession>[1]) =>
      ask((db) => tokens.openSession(db, session)),
    findSessionToken: (sessionSha256: string) => ask((db) => tokens.findSessionToken(db, sessionSha256)),
    endSession: (sessionSha256: string) => ask((db) => tokens.endSession(db, sessionSha256)),

    measure: () => ask(measure),
    /** How many connections the pool of reads has, how many of them are free, and how many callers wait for one. */
    poolUse: () => ({
      total: database.pool.totalCount,
      idle: database.pool.idleCount,
      waiting: database.pool.waitingCount,
    }),
    whenAvailable: () => whenAvailable(database),
    /** Waits a moment for connections in use; they end with the process. */
    close: () =>
      settleWithin(
        Promise.all([database.close(), changeDatabase.close(), effectDatabase.close()]),
        CLOSE_TIMEOUT_MS,
      ),
  };
}

/**
 * The bytes of an artifact, checked against its sha256.
 * @throws Failure `artifact_erased`; `internal_error` when they are missing or altered; the log names the artifact, the client learns nothing
 */
async function getContent(db: Queryable, log: Log, artifact: ContentRef): Promise<Uint8Array> {
  const read = await readBlob(db, artifact.sha256);
  // The bytes can be there for another run, or be erased since the row was read.
  if (artifact.isErased || (read.state !== "sound" && (await erasures.isErased(db, artifact.runId)))) {
    throw new Failure("artifact_erased", { artifact_id: artifactIdOf(artifact) });
  }
  if (read.state === "sound") return read.bytes;
  log.artifactDamaged({ artifactId: artifactIdOf(artifact), reason: read.state, sha256: artifact.sha256 });
  throw new Failure("internal_error");
}

/** A run of this instance or an imported one; null when there is neither. */
async function findRun(db: Queryable, runId: string): Promise<RunRecord | null> {
  const record = (await records.findOwnRun(db, runId)) ?? (await imported.findImportedRun(db, runId));
  return record === null ? null : withAttachmentStates(db, record);
}

/** A run of this instance, its journal and DBOS's rows of it, from one snapshot; null when this program has not run it. */
async function findRunTruth(database: Database, runId: string) {
  return database.transaction(async (client) => {
    await client.query("set transaction isolation level repeatable read, read only");
    const record = await records.findOwnRun(client, runId);
    const truth = await records.findTruthRows(client, runId);
    if (record === null || truth === null) return null;
    return { record, truth, events: await journal.listEvents(client, runId) };
  });
}

/** A run whose lock is held, on the connection that holds it. */
export type LockedRun = Readonly<{
  /** DBOS's status of it; null when there is no such run. */
  findStatus(): Promise<string | null>;
  /** It was read from a bundle: DBOS has no such workflow. */
  isImported(): Promise<boolean>;
  /** The last event of its journal that changed whether it runs; null when there is none. */
  findLastChange(): Promise<EventKind | null>;
  /** Adds to its journal; rolled back when the work under the lock throws. */
  appendEvent(event: Omit<NewEvent, "runId">): Promise<void>;
  isErased(): Promise<boolean>;
  /** Adds the event `erased` and deletes the bytes that only erased runs have. False when the run was erased before. */
  erase(event: Pick<NewEvent, "node" | "detail">): Promise<boolean>;
}>;

/** Changes of one run happen one after the other, over all programs on this database. */
async function withRunLock<Result>(
  database: Database,
  runId: string,
  work: (run: LockedRun) => Promise<Result>,
): Promise<Result> {
  return withTypedOutage(() =>
    database.transaction(async (client) => {
      await client.query("select pg_advisory_xact_lock(hashtextextended($1, 7310117))", [runId]);
      return work({
        findStatus: () => records.findDbosStatus(client, runId),
        isImported: () => imported.isImported(client, runId),
        findLastChange: () => journal.findLastChange(client, runId),
        appendEvent: (event) => journal.appendEvent(client, { runId, ...event }),
        isErased: () => erasures.isErased(client, runId),
        erase: (event) => erasures.eraseRun(client, { runId, ...event }),
      });
    }),
  );
}

const AVAILABILITY_POLL_MS = 250;

/** Resolves when the database answers and has room for a megabyte. */
async function whenAvailable(database: Database): Promise<void> {
  for (;;) {
    try {
      await database.transaction((client) => client.query(STORAGE_PROBE));
      return;
    } catch (error) {
      if (!isDatabaseUnavailable(error) && !isStorageUnavailable(error)) throw error;
      // For a store that was closed it never resolves: what waits belongs to a node that has ended.
      if (database.pool.ending) return new Promise(() => undefined);
      await sleep(AVAILABILITY_POLL_MS);
    }
  }
}

/** Writes a temporary table of about a megabyte. Rows under 2 kB are not compressed. */
const STORAGE_PROBE = `
  create temp table storage_probe on commit drop as
  select repeat(md5(row::text), 32) from generate_series(1, 1000) row`;
