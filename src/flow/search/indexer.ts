import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Chunk, REVIEW_BELOW } from "../../document/index.ts";
import { artifactIdOf } from "../../domain/artifact.ts";
import type { Log } from "../../log.ts";
import { findChunkPlaces } from "../../search/chunk-scanner.ts";
import { chooseMerge, createSegmentBuilder } from "../../search/segment.ts";
import { tokenize } from "../../search/tokens.ts";
import type { IndexableRun, IndexedChunk, IndexWriter, Store } from "../../store/index.ts";
import type { PeriodicCheck } from "../periodic-check.ts";
import type { WaitingWorkCheck } from "../waiting-work.ts";

/** What was indexed. */
export type Indexed = Readonly<{ runs: number; chunks: number }>;

type IndexDeps = Readonly<{
  store: Pick<Store, "withIndexLock" | "findBacklog">;
  log: Pick<Log, "databaseTrouble" | "artifactDamaged" | "searchIndexed">;
}>;

/** Runs of one transaction, and bytes of their chunk indexes, after which no further run joins it. */
const MAX_RUNS = 200;
const MAX_BYTES = 8 * 1024 * 1024;

/** Chunks of one segment as it is written. To pack them takes some hundredths of a second. */
const SEGMENT_CHUNKS = 500;

/** How long other work may wait for the indexer. */
const SLICE_MS = 8;

/** While runs arrive, the indexer works for a thirtieth of the time at most, so that it costs them 3 percent. */
const QUIET_MS = 400;
const REST_FACTOR = 30;

/** Indexes what runs leave behind, apart from their steps. Of several nodes one works at a time. */
export function startIndexer(
  deps: IndexDeps,
  waitingWork: Pick<WaitingWorkCheck, "onChecked">,
): PeriodicCheck {
  let restUntil = 0;
  let isClosed = false;
  const indexWaiting = async () => {
    while (!isClosed) {
      const { waiting, isQuiet, hasErased } = await deps.store.findBacklog(QUIET_MS);
      // An erasure clears the index itself. This makes up for one that was interrupted, or met a run that was being indexed.
      if (hasErased) await clearErasedRuns(deps);
      const began = performance.now();
      if (waiting === 0 || (!isQuiet && began < restUntil)) return;
      const indexed = await indexPending(deps);
      if (indexed === null || indexed.runs === 0) return;
      restUntil = performance.now() + REST_FACTOR * (performance.now() - began);
    }
  };
  const check = waitingWork.onChecked(async ({ isIndexWaiting }) => {
    if (isIndexWaiting) await indexWaiting();
  });
  return {
    close() {
      isClosed = true;
      return check.close();
    },
  };
}

/** Takes the words of erased runs out of the index; false when another one writes the index at the moment. */
export async function clearErasedRuns({
  store,
}: Readonly<{ store: Pick<Store, "withIndexLock"> }>): Promise<boolean> {
  return (await store.withIndexLock((index) => index.clearErased())) !== null;
}

/** Indexes the runs that wait longest; null when another node is at it. */
async function indexPending({ store, log }: IndexDeps): Promise<Indexed | null> {
  return store.withIndexLock(async (index) => {
    const batch = firstBytes(await index.listPending(MAX_RUNS));
    const indexed = await indexRuns(index, batch, log);
    await index.removePending(batch.map(({ runId }) => runId));
    const merged = chooseMerge(await index.listSegments());
    if (merged !== null) await index.mergeSegments(merged);
    return indexed;
  });
}

/** Makes the index of all runs again, in one transaction: until it ends, searches use the old one. Null when another one is at it. */
export async function reindex({ store, log }: IndexDeps): Promise<Indexed | null> {
  return store.withIndexLock(async (index) => {
    const runs = await index.listAll();
    const firstChunk = await index.findNextChunk();
    await index.forgetRuns();
    const indexed = await indexRuns(index, runs, log);
    await index.dropChunksBefore(firstChunk);
    await index.removePending(runs.map(({ runId }) => runId));
    return indexed;
  });
}

function firstBytes(runs: readonly IndexableRun[]): readonly IndexableRun[] {
  let sum = 0;
  return runs.filter(({ bytes }, position) => {
    sum += bytes;
    return position === 0 || sum <= MAX_BYTES;
  });
}

async function indexRuns(
  index: IndexWriter,
  runs: readonly IndexableRun[],
  log: IndexDeps["log"],
): Promise<Indexed> {
  const began = performance.now();
  const segments = await openSegmentWriter(index);
  const pause = createPause();
  for (const run of runs) {
    const read = await index.readBlob(run.sha256);
    const number = await index.addRun(run, read.state === "sound");
    if (read.state === "sound") {
      for (const { at, bytes } of findChunkPlaces(read.bytes)) {
        await segments.add(read.bytes.subarray(at, at + bytes), { run: number, at });
        await pause();
      }
    } else {
      const artifactId = artifactIdOf({ runId: run.runId, type: "chunk-index" });
      log.artifactDamaged({ artifactId, reason: read.state, sha256: run.sha256 });
    }
  }
  const chunks = await segments.close();
  log.searchIndexed({ runs: runs.length, chunks, ms: Math.round(performance.now() - began) });
  return { runs: runs.length, chunks };
}

/** Writes chunks into segments of a few hundred. */
async function openSegmentWriter(index: IndexWriter) {
  const first = await index.findNextChunk();
  let builder = createSegmentBuilder(first);
  let indexed: IndexedChunk[] = [];
  let written = 0;
  const flush = async () => {
    if (builder.chunks === 0) return;
    await index.addSegment(builder.finish(), indexed);
    written += builder.chunks;
    builder = createSegmentBuilder(first + written);
    indexed = [];
  };
  return {
    async add(json: Uint8Array, { run, at }: Readonly<{ run: number; at: number }>): Promise<void> {
      // The hash of the artifact was checked, so its shape is known.
      const chunk = JSON.parse(new TextDecoder().decode(json)) as Chunk;
      builder.add({
        run,
        id: chunk.id,
        simhash: chunk.simhash,
        headings: tokenize(chunk.headingPath.join("\n")),
        text: tokenize(chunk.text),
        pages: chunk.pages ?? [],
        isDoubtful: chunk.minConfidence < REVIEW_BELOW,
      });
      const sha256 = createHash("sha256").update(json).digest();
      indexed.push({ run, at, bytes: json.length, sha256 });
      if (builder.chunks >= SEGMENT_CHUNKS) await flush();
    },
    /** Returns how many chunks were written. */
    async close(): Promise<number> {
      await flush();
      return written;
    },
  };
}

/** Lets other work of this process run, whenever a slice of time has passed. */
function createPause(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < SLICE_MS) return;
    await setImmediate();
    began = performance.now();
  };
}
