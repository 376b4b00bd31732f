import { Failure } from "../failure.ts";
import { isRunId, type RunStep } from "./run.ts";

/** What every run leaves, in the order in which it is made and exported. */
export const ARTIFACT_TYPES = ["raw", "docir", "chunk-index", "memo"] as const;

export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

/** `user`: made to be read by people. `system`: made to be read by the next step. */
export const VISIBILITIES = ["user", "system"] as const;

export type Visibility = (typeof VISIBILITIES)[number];

export type ArtifactRef = Readonly<{ runId: string; type: ArtifactType }>;

export function isArtifactType(value: string): value is ArtifactType {
  return (ARTIFACT_TYPES as readonly string[]).includes(value);
}

export function artifactIdOf({ runId, type }: ArtifactRef): string {
  return `${runId}:${type}`;
}

/**
 * Reads `<run_id>:<type>`. A run id holds no colon, so the reading is the only one.
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

/** An artifact's row: what it is, which bytes, and where it came from. */
export type Artifact = ArtifactRef &
  Readonly<{
    sha256: string;
    bytes: number;
    mediaType: string;
    /** The name of the schema of its bytes, such as `jejakekal.docir/1`. */
    format: string;
    title: string;
    visibility: Visibility;
    producerFunctionId: number;
    producerStep: RunStep;
    /** sha256 of everything it was made from, in order. */
    inputs: readonly string[];
    /** What made it: name, version and parameters, enough to make it again. */
    recipe: Readonly<Record<string, unknown>>;
  }>;

/** An artifact as it is read back, with when it was stored and how long its step took. */
export type StoredArtifact = Artifact & Readonly<{ createdAtEpochMs: number; stepDurationMs: number | null }>;
