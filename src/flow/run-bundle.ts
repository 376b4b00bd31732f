import { createHash, type KeyObject } from "node:crypto";
import { type Bundle, buildBundle } from "../bundle/bundle.ts";
import { citationsOf } from "../bundle/citations.ts";
import { artifactPathOf, type BundleEntry } from "../bundle/layout.ts";
import { artifactIdOf, type StoredArtifact } from "../domain/artifact.ts";
import { artifactSetOf } from "../domain/artifact-set.ts";
import { isTerminal } from "../domain/run.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { type RunView, runViewOf } from "../projection/run-view.ts";
import type { Store } from "../store/index.ts";

/** The bundle of a run, read from the database and not yet written anywhere. */
export type ReadBundle = Bundle & Readonly<{ runId: string; view: RunView; partial: boolean }>;

/** @throws Failure `run_not_found`; `internal_error` when the bytes of an artifact are missing or altered */
export type ReadRunBundle = (runId: string) => Promise<ReadBundle>;

type Deps = Readonly<{
  store: Pick<Store, "getRunTruth" | "readBlobs" | "readBlobPart" | "measureBlob">;
  log: Pick<Log, "artifactDamaged">;
  /** Signs every bundle of a run that has ended; null leaves them unsigned. */
  signingKey: KeyObject | null;
}>;

/** Artifacts of more bytes are streamed, and never in memory as a whole. */
const SMALL_BYTES = 512 * 1024;
const PART_BYTES = 1024 * 1024;

/** Every artifact is checked before the bundle is handed on, so that what is wrong is found before the first byte is sent. */
export function createBundleReader({ store, log, signingKey }: Deps): ReadRunBundle {
  const readPayload = createPayloadReader(store, log);
  return async (runId) => {
    const { record, truth, events } = await store.getRunTruth(runId);
    const partial = !isTerminal(record.workflow.status);
    const payload = await readPayload(record.artifacts);
    assertComplete(runId, record);
    const memo = await parseMemo(payload);
    const citations = citationsOf(memo);
    const source = { record, truth, events, citations, partial };
    return { ...buildBundle(source, payload, memo, signingKey), runId, view: runViewOf(record), partial };
  };
}

function assertComplete(runId: string, record: RunRecord): void {
  const { missing } = artifactSetOf(record);
  if (record.workflow.status !== "SUCCESS" || missing.length === 0) return;
  const cause = new Error(`run ${runId} is done and lacks ${missing.join(", ")}`);
  throw new Failure("internal_error", {}, { cause });
}

function createPayloadReader(store: Deps["store"], log: Deps["log"]) {
  const refuse = (artifact: StoredArtifact, reason: "missing" | "altered"): Failure => {
    log.artifactDamaged({ artifactId: artifactIdOf(artifact), reason, sha256: artifact.sha256 });
    return new Failure("internal_error");
  };
  const openLarge = async (artifact: StoredArtifact): Promise<BundleEntry["read"]> => {
    const { sha256, bytes: size } = artifact;
    if ((await store.measureBlob(sha256)) !== size) throw refuse(artifact, "altered");
    return () => checked(readParts(store, sha256, size), sha256, () => refuse(artifact, "altered"));
  };
  return async (artifacts: readonly StoredArtifact[]): Promise<readonly BundleEntry[]> => {
    const small = artifacts.filter(({ bytes }) => bytes <= SMALL_BYTES);
    const blobs = await store.readBlobs(small.map(({ sha256 }) => sha256));
    const entries: BundleEntry[] = [];
    for (const artifact of artifacts) {
      const { type, sha256, bytes: size } = artifact;
      const entry = { path: artifactPathOf(type), size, sha256 };
      if (size > SMALL_BYTES) {
        entries.push({ ...entry, read: await openLarge(artifact) });
        continue;
      }
      const blob = blobs.get(sha256) ?? { state: "missing" };
      if (blob.state !== "sound") throw refuse(artifact, blob.state);
      const { bytes } = blob;
      entries.push({
        ...entry,
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
async function parseMemo(payload: readonly BundleEntry[]): Promise<unknown> {
  const entry = payload.find(({ path }) => path === artifactPathOf("memo"));
  if (entry === undefined) return null;
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of entry.read()) text += decoder.decode(part, { stream: true });
  return JSON.parse(text + decoder.decode());
}
