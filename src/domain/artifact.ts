import { Failure } from "../failure.ts";
import { isRunId, type RunStep } from "./run.ts";

/** `user`: made for people to read. `system`: made for the next step to read. */
export const VISIBILITIES = ["user", "system"] as const;

export type Visibility = (typeof VISIBILITIES)[number];

/** What holds for every artifact of a type. */
export type ArtifactSpec = Readonly<{
  /** The step that makes it. */
  producerStep: string;
  /** The types that it is made from, in the order in which its builder takes them. */
  inputs: readonly string[];
  visibility: Visibility;
  /** What pages call it, beside its type. */
  title: string;
  /** The first application version (see `src/flow/application-version.ts`) whose runs make it. */
  since: number;
}>;

/**
 * The artifact types that this program knows, in the order in which a run makes them. Which of them a given run must have is
 * another question: see `artifact-set.ts`. Their builders are in `src/flow/derivation/derive.ts`.
 */
export const ARTIFACTS = {
  raw: {
    producerStep: "prepare",
    inputs: [],
    visibility: "user",
    title: "Document as received",
    since: 1,
  },
  docir: {
    producerStep: "docir",
    inputs: ["raw"],
    visibility: "system",
    title: "Structure of the document",
    since: 1,
  },
  "chunk-index": {
    producerStep: "chunk-index",
    inputs: ["docir"],
    visibility: "system",
    title: "Chunks for retrieval",
    since: 1,
  },
  memo: {
    producerStep: "memo",
    inputs: ["docir", "chunk-index"],
    visibility: "user",
    title: "Memo with citations",
    since: 1,
  },
} as const satisfies Readonly<Record<string, ArtifactSpec & { producerStep: RunStep }>>;

export type ArtifactType = keyof typeof ARTIFACTS;

export const ARTIFACT_TYPES = Object.keys(ARTIFACTS) as readonly ArtifactType[];

export type ArtifactRef = Readonly<{ runId: string; type: ArtifactType }>;

export function isArtifactType(value: string): value is ArtifactType {
  return Object.hasOwn(ARTIFACTS, value);
}

export function artifactIdOf({ runId, type }: ArtifactRef): string {
  return `${runId}:${type}`;
}

/**
 * Reads `<run_id>:<type>`. A run id has no colon, so the first colon separates the two.
 * @throws Failure `invalid_artifact_id`
 */
export function parseArtifactId(value: string): ArtifactRef {
  const ref = readArtifactId(value);
  if (ref === null) throw new Failure("invalid_artifact_id", { field: "artifact_id" });
  return ref;
}

export function isArtifactId(value: string): boolean {
  return readArtifactId(value) !== null;
}

function readArtifactId(value: string): ArtifactRef | null {
  const colon = value.indexOf(":");
  const runId = value.slice(0, Math.max(colon, 0));
  const type = value.slice(colon + 1);
  return isRunId(runId) && isArtifactType(type) ? { runId, type } : null;
}

/** A row of jejakekal.artifact: what it is, which bytes, and where it came from. */
export type Artifact = ArtifactRef &
  Readonly<{
    /** Of its bytes, 64 hex digits; also the name of the blob that holds them. */
    sha256: string;
    /** How many bytes. */
    bytes: number;
    /** As in the header `content-type`. */
    mediaType: string;
    /** The schema of its bytes, such as `jejakekal.docir/1`; of `raw` its media type. */
    format: string;
    /** The title of the document, for lists; taken from the document's text or file name. */
    title: string;
    visibility: Visibility;
    /** DBOS's function id of the step that made it, from 0. */
    producerFunctionId: number;
    producerStep: RunStep;
    /** sha256 of each artifact it was made from, in the order of `ArtifactSpec.inputs`. */
    inputs: readonly string[];
    /** What made it: name, version and parameters, enough to make it again. */
    recipe: Readonly<Record<string, unknown>>;
  }>;

/** An artifact as it is read back. */
export type StoredArtifact = Artifact &
  Readonly<{
    createdAtEpochMs: number;
    /** How long the step took that made it, from DBOS's record; null while that is missing. */
    stepDurationMs: number | null;
    /** Its run was erased: the row stays, the bytes do not leave the store, if they are there at all. */
    isErased: boolean;
  }>;

/** What is needed to read the bytes of an artifact. */
export type ContentRef = Pick<StoredArtifact, "runId" | "type" | "sha256" | "isErased">;

/**
 * The longest content that can be stored and read again. The database driver reads a value as `\x` and two hexadecimal digits
 * for each byte, in one string, and a string of V8 has at most 2^29 - 24 units.
 */
export const MAX_CONTENT_BYTES = (2 ** 29 - 24 - 2) / 2;
