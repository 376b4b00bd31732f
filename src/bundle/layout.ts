import { sha256Hex } from "../sha256.ts";

/**
 * The layout of a bundle: a BagIt bag (RFC 8493) whose payload are the artifacts. The files of `COURSE_FILES` have had their names
 * and shapes since the first version; the others were added around them.
 */
export const COURSE_FILES = [
  "artifacts.json",
  "citations.json",
  "manifest.json",
  "operation_outputs.json",
  "timeline.json",
  "tool-io.json",
  "workflow_status.json",
] as const;

export const CITATIONS = "citations.json";
export const BAGIT = "bagit.txt";
export const BAG_INFO = "bag-info.txt";
/** The decisions about doubtful passages; only there when there are any. They are made after the end of a run. */
export const REVIEWS = "reviews.json";
/** The event with which the document and the artifacts were erased; only there when they were. */
export const ERASURE = "erasure.json";
/** The checksums of everything below `data/`. */
export const PAYLOAD_MANIFEST = "manifest-sha256.txt";
/** The checksums of everything else, except itself and the attestations. Its own sha256 names the bundle. */
export const TAG_MANIFEST = "tagmanifest-sha256.txt";
export const RO_CRATE = "ro-crate-metadata.json";
export const REPORT = "report.html";
export const STATEMENT = "attestations/statement.json";
export const ENVELOPE = "attestations/run.intoto.jsonl";

export const PAYLOAD_FOLDER = "data/";
export const ATTESTATIONS_FOLDER = "attestations/";

/** Where the bytes of an artifact are in a bundle. */
export function artifactPathOf(type: string): string {
  return type === "raw" ? "data/artifacts/raw" : `data/artifacts/${type}.json`;
}

/** A file of a bundle: its name within the bundle, and its bytes. */
export type BundleFile = Readonly<{ path: string; bytes: Uint8Array }>;

/** A file of a bundle whose bytes are read when they are needed, in parts. */
export type BundleEntry = Readonly<{
  path: string;
  /** How many bytes. */
  size: number;
  sha256: string;
  /** Fails when the bytes do not match `sha256`, at the latest after the last part. */
  read(): AsyncIterable<Uint8Array>;
}>;

/** An entry whose bytes are in memory. */
export function entryOf({ path, bytes }: BundleFile): BundleEntry {
  return {
    path,
    size: bytes.length,
    sha256: sha256Hex(bytes),
    async *read() {
      yield bytes;
    },
  };
}

/** The order of the files everywhere: by the bytes of their names, which are ASCII. */
export function byPath(a: Readonly<{ path: string }>, b: Readonly<{ path: string }>): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
