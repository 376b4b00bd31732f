import { isRunFailureCode, type RunFailureCode } from "../failure.ts";
import { isRecord } from "./serialized.ts";

/** The code of an error without one of this program. */
export const UNKNOWN_FAILURE = "step_failed";

/** DBOS nests an error once; more levels are not followed, so that a cycle ends. */
const MAX_DEPTH = 4;

/**
 * The code of what ended a step or a run, for the header and for the journal alike. Takes an error as it was thrown, or as it was
 * read back from DBOS's record. DBOS wraps the errors of a step that ran out of attempts in `errors`: the last one counts.
 */
export function failureCodeOf(error: unknown): RunFailureCode | typeof UNKNOWN_FAILURE {
  return findCode(error, 0) ?? UNKNOWN_FAILURE;
}

function findCode(error: unknown, depth: number): RunFailureCode | null {
  if (!isRecord(error) || depth > MAX_DEPTH) return null;
  if (isRunFailureCode(error.code)) return error.code;
  return findCode(Array.isArray(error.errors) ? error.errors.at(-1) : error.cause, depth + 1);
}
