import { canonicalJsonBytes } from "../canonical-json.ts";
import { sha256Hex } from "../sha256.ts";
import { ARTIFACTS, type ArtifactSpec } from "./artifact.ts";
import type { RunRecord } from "./run-record.ts";
import { isRecord, readSerialized } from "./serialized.ts";

/** The artifacts that one run must have, and what is stored of them. */
export type ArtifactSet = Readonly<{
  /** Types that the run must have and that are not stored. */
  missing: readonly string[];
  /** `artifactSetDigest` over the types that the run must have; null while one of them is missing. */
  digest: string | null;
}>;

/**
 * What a run must have is what its step `finalize` recorded. A run that has no such record, because it goes on, failed, or the
 * record was damaged, must have the types that runs of its application version make. So a type that is added to `ARTIFACTS`
 * changes nothing for earlier runs.
 */
export function artifactSetOf(
  { workflow, operations, artifacts }: Pick<RunRecord, "workflow" | "operations" | "artifacts">,
  specs: Readonly<Record<string, ArtifactSpec>> = ARTIFACTS,
): ArtifactSet {
  const required = recordedTypes(operations) ?? typesOfVersion(workflow.application_version, specs);
  const stored = artifacts.filter(({ type }) => required.includes(type));
  const missing = required.filter((type) => !stored.some((artifact) => artifact.type === type));
  return { missing, digest: missing.length > 0 ? null : artifactSetDigest(stored) };
}

/** sha256 over the canonical JSON of `{type: sha256, …}`: equal for equal artifacts, on any host and in any run. */
export function artifactSetDigest(artifacts: readonly Readonly<{ type: string; sha256: string }>[]): string {
  return sha256Hex(
    canonicalJsonBytes(Object.fromEntries(artifacts.map(({ type, sha256 }) => [type, sha256]))),
  );
}

function recordedTypes(operations: RunRecord["operations"]): readonly string[] | null {
  const finalize = operations.find(({ function_name }) => function_name === "finalize");
  const output = readSerialized(finalize?.output ?? null);
  if (!isRecord(output) || !isRecord(output.artifacts)) return null;
  const types = Object.keys(output.artifacts);
  return types.length === 0 ? null : types;
}

/** A version that is no number is read as 1, the first. */
function typesOfVersion(
  version: string | null,
  specs: Readonly<Record<string, ArtifactSpec>>,
): readonly string[] {
  const number = Number(version) || 1;
  return Object.entries(specs).flatMap(([type, { since }]) => (since <= number ? [type] : []));
}
