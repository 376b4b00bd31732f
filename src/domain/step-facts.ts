import type { StoredArtifact } from "./artifact.ts";
import { failureCodeOf } from "./failure-code.ts";
import { SLEEP } from "./run.ts";
import type { OperationRow } from "./run-record.ts";
import { isRecord, readSerialized } from "./serialized.ts";

/** What DBOS's record of a step says, together with the rows of the artifacts that the step made. */
export type StepFacts = Readonly<{
  durationMs: number | null;
  /** How many attempts the step took; null when its record does not say. */
  attempt: number | null;
  output: unknown;
  /** Null for a step that did not fail. */
  failureCode: ReturnType<typeof failureCodeOf> | null;
  /** sha256 of what the step read. */
  inputs: readonly string[];
  /** sha256 of what the step stored. */
  outputs: readonly string[];
}>;

/** Hashes come from artifact rows where there are any: they are append-only, and DBOS's record can be damaged by hand. */
export function stepFactsOf(operation: OperationRow, artifacts: readonly StoredArtifact[]): StepFacts {
  const { function_id, function_name, started_at_epoch_ms: start, completed_at_epoch_ms: end } = operation;
  const output = readSerialized(operation.output);
  const made = artifacts.filter(({ producerFunctionId }) => producerFunctionId === function_id);
  return {
    durationMs: start === null || end === null ? null : end - start,
    attempt: function_name === SLEEP ? 1 : attemptOf(output),
    output,
    failureCode: failureCodeIn(operation.error),
    inputs: made.length > 0 ? made.flatMap(({ inputs }) => inputs) : hashesIn(output, "inputs"),
    outputs: made.length > 0 ? made.map(({ sha256 }) => sha256) : hashesIn(output, "receipt_sha256"),
  };
}

/** The failure code in an error as DBOS serialised it; null for null. */
export function failureCodeIn(serialized: string | null): ReturnType<typeof failureCodeOf> | null {
  return serialized === null ? null : failureCodeOf(readSerialized(serialized));
}

function attemptOf(output: unknown): number | null {
  return isRecord(output) && typeof output.attempt === "number" ? output.attempt : null;
}

function hashesIn(output: unknown, key: string): readonly string[] {
  const value = isRecord(output) ? output[key] : undefined;
  const values = Array.isArray(value) ? value : [value];
  return values.filter((hash): hash is string => typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash));
}
