import { createHash, type KeyObject } from "node:crypto";
import { type Bundle, buildBundle, replaceLaterEvents } from "../bundle/bundle.ts";
import { citationsOf } from "../bundle/citations.ts";
import type { DbosRow } from "../bundle/dbos-rows.ts";
import {
  artifactPathOf,
  type BundleEntry,
  type BundleFile,
  COURSE_FILES,
  REVIEWS,
} from "../bundle/layout.ts";
import { artifactIdOf, type StoredArtifact } from "../domain/artifact.ts";
import { artifactSetOf } from "../domain/artifact-set.ts";
import type { RunEvent } from "../domain/journal.ts";
import { isTerminal } from "../domain/run.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { type RunView, runViewOf } from "../projection/run-view.ts";
import type { ImportedFile, Store } from "../store/index.ts";

/** The bundle of a run, read from the database and not yet written anywhere. */
export type ReadBundle = Bundle & Readonly<{ runId: string; view: RunView; partial: boolean }>;

/** @throws Failure `run_not_found`; `internal_error` when the bytes of an artifact are missing or altered */
export type ReadRunBundle = (runId: string) => Promise<ReadBundle>;

type Deps = Readonly<{
  store: Pick<
    Store,
    | "findRun"
    | "findRunTruth"
    | "isErased"
    | "listImportedFiles"
    | "listEvents"
    | "readBlobs"
    | "readBlobPart"
    | "measureBlob"
  >;
  log: Pick<Log, "artifactDamaged">;
  /** Signs every bundle of a run that has ended; null leaves them unsigned. */
  signingKey: KeyObject | null;
}>;

/** Artifacts of more bytes are streamed, and never in memory as a whole. */
const SMALL_BYTES = 512 * 1024;
const PART_BYTES = 1024 * 1024;

/** Every artifact is checked before the bundle is handed on, so that what is wrong is found before the first byte is sent. */
export function createBundleReader({ store, log, signingKey }: Deps): ReadRunBundle {
  const readFiles = createFileReader(store, log);
  const read = async (runId: string): Promise<ReadBundle> => {
    const found = await store.findRunTruth(runId);
    if (found === null) return readImportedBundle({ store, readFiles, signingKey }, runId);
    const { record, truth, events } = found;
    const partial = !isTerminal(record.workflow.status);
    const payload = await readFiles(record.artifacts.filter(({ isErased }) => !isErased).map(payloadFileOf));
    assertComplete(runId, record);
    const memo = await parseMemo(payload);
    const citations = citationsOf(memo);
    const source = { record, truth, events, citations, partial };
    return { ...buildBundle(source, payload, memo, signingKey), runId, view: runViewOf(record), partial };
  };
  return async (runId) => {
    try {
      return await read(runId);
    } catch (error) {
      // The run can have been erased between the reads of its rows and of its bytes.
      if (!(await store.isErased(runId))) throw error;
      return read(runId);
    }
  };
}

type ImportDeps = Readonly<{
  store: Pick<Store, "findRun" | "listImportedFiles" | "listEvents">;
  readFiles: ReadFiles;
  signingKey: KeyObject | null;
}>;

/** The files as they were imported, with the signature that they had; built anew when a passage was reviewed here. */
async function readImportedBundle(deps: ImportDeps, runId: string): Promise<ReadBundle> {
  const { store, readFiles } = deps;
  const record = await store.findRun(runId);
  if (record === null || record.imported === null) throw new Failure("run_not_found", { run_id: runId });
  const files = await store.listImportedFiles(runId);
  if (record.erased !== null) return buildErasedImport(deps, record, files);
  const entries = await readFiles(files.map((file) => ({ ...file, logId: `${runId}/${file.path}` })));
  const rest = { runId, view: runViewOf(record), partial: false };
  const events = await store.listEvents(runId);
  if (!(await hasNewReviews(entries, events)))
    return { ...rest, entries, digest: record.imported.bundleSha256 };
  const course = entries.filter(({ path }) => COURSE_FILES.some((name) => name === path));
  const courseFiles = await Promise.all(course.map(readWhole));
  return { ...rest, ...replaceLaterEvents(entries, courseFiles, events, deps.signingKey) };
}

/** Whether the journal has decisions beside those of the bundle. A database of an earlier version may lack those of the bundle. */
async function hasNewReviews(entries: readonly BundleEntry[], events: readonly RunEvent[]): Promise<boolean> {
  const entry = entries.find(({ path }) => path === REVIEWS);
  const imported = ((await parseEntry(entry)) ?? []) as readonly Pick<RunEvent, "sha256">[];
  const decided = events.filter(({ kind }) => kind === "reviewed").map(({ sha256 }) => sha256);
  return decided.length > imported.length && imported.every(({ sha256 }) => decided.includes(sha256));
}

/** The bundle of an erased run is built anew from the rows of DBOS that its import kept; its first signature was over other files. */
async function buildErasedImport(
  { store, readFiles, signingKey }: ImportDeps,
  record: RunRecord,
  files: readonly ImportedFile[],
): Promise<ReadBundle> {
  const runId = record.workflow.workflow_uuid;
  const kept = files.filter(({ path }) => path === WORKFLOW_STATUS || path === OPERATION_OUTPUTS);
  const entries = await readFiles(kept.map((file) => ({ ...file, logId: `${runId}/${file.path}` })));
  const parse = async (name: string) => parseEntry(entries.find(({ path }) => path === name));
  const truth = {
    workflowStatus: (await parse(WORKFLOW_STATUS)) as DbosRow,
    operationOutputs: (await parse(OPERATION_OUTPUTS)) as readonly DbosRow[],
  };
  const events = await store.listEvents(runId);
  const source = { record, truth, events, citations: [], partial: false };
  return { ...buildBundle(source, [], null, signingKey), runId, view: runViewOf(record), partial: false };
}

const WORKFLOW_STATUS = "workflow_status.json";
const OPERATION_OUTPUTS = "operation_outputs.json";

function assertComplete(runId: string, record: RunRecord): void {
  const { missing } = artifactSetOf(record);
  if (record.workflow.status !== "SUCCESS" || missing.length === 0) return;
  const cause = new Error(`run ${runId} is done and lacks ${missing.join(", ")}`);
  throw new Failure("internal_error", {}, { cause });
}

/** A file of a bundle whose bytes are a blob. `logId` names it in the log when the blob is damaged. */
type StoredFile = Readonly<{ path: string; sha256: string; size: number; logId: string }>;

type ReadFiles = (files: readonly StoredFile[]) => Promise<readonly BundleEntry[]>;

function payloadFileOf(artifact: StoredArtifact): StoredFile {
  const { type, sha256, bytes: size } = artifact;
  return { path: artifactPathOf(type), sha256, size, logId: artifactIdOf(artifact) };
}

function createFileReader(store: Deps["store"], log: Deps["log"]): ReadFiles {
  const refuse = ({ logId, sha256 }: StoredFile, reason: "missing" | "altered"): Failure => {
    log.artifactDamaged({ artifactId: logId, reason, sha256 });
    return new Failure("internal_error");
  };
  const openLarge = async (file: StoredFile): Promise<BundleEntry["read"]> => {
    const { sha256, size } = file;
    if ((await store.measureBlob(sha256)) !== size) throw refuse(file, "altered");
    return () => checked(readParts(store, sha256, size), sha256, () => refuse(file, "altered"));
  };
  return async (files) => {
    const small = files.filter(({ size }) => size <= SMALL_BYTES);
    const blobs = await store.readBlobs(small.map(({ sha256 }) => sha256));
    const entries: BundleEntry[] = [];
    for (const file of files) {
      const { path, sha256, size } = file;
      if (size > SMALL_BYTES) {
        entries.push({ path, size, sha256, read: await openLarge(file) });
        continue;
      }
      const blob = blobs.get(sha256) ?? { state: "missing" };
      if (blob.state !== "sound") throw refuse(file, blob.state);
      const { bytes } = blob;
      entries.push({
        path,
        size,
        sha256,
        async *read() {
          yield bytes;
        },
      });
    }
    return entries;
  };
}

async function* readParts(
  store: Pick<Store, "readBlobPart">,
  sha256: string,
  size: number,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += PART_BYTES) yield await store.readBlobPart(sha256, at, PART_BYTES);
}

/** The parts as they come; fails after the last one when they do not have the hash. */
async function* checked(
  parts: AsyncIterable<Uint8Array>,
  sha256: string,
  refuse: () => Failure,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const part of parts) {
    hash.update(part);
    yield part;
  }
  if (hash.digest("hex") !== sha256) throw refuse();
}

/** null for a run without a memo. */
function parseMemo(payload: readonly BundleEntry[]): Promise<unknown> {
  return parseEntry(payload.find(({ path }) => path === artifactPathOf("memo")));
}

/** The value of a JSON file; null where there is none. */
async function parseEntry(entry: BundleEntry | undefined): Promise<unknown> {
  if (entry === undefined) return null;
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of entry.read()) text += decoder.decode(part, { stream: true });
  return JSON.parse(text + decoder.decode());
}

async function readWhole({ path, read }: BundleEntry): Promise<BundleFile> {
  return { path, bytes: Buffer.concat(await Array.fromAsync(read())) };
}
