import type { RunRecord } from "../domain/run-record.ts";
import { type StepFacts, stepFactsOf } from "../domain/step-facts.ts";

/** `timeline.json`, shape 1: the steps in the order of their function ids. Times are epoch milliseconds. Frozen. */
export function timelineOf({ operations, artifacts }: RunRecord) {
  return operations.map((operation) => {
    const { durationMs, attempt, output, failureCode, inputs, outputs } = stepFactsOf(operation, artifacts);
    return {
      function_id: operation.function_id,
      function_name: operation.function_name,
      started_at_epoch_ms: operation.started_at_epoch_ms,
      completed_at_epoch_ms: operation.completed_at_epoch_ms,
      duration_ms: durationMs,
      attempt,
      output,
      error: failureCode === null ? null : { code: failureCode, message: MESSAGES[failureCode] },
      io_hashes: { in: inputs, out: outputs },
    };
  });
}

/** The messages of the failure table as they were when the shape was frozen. The table may be reworded, these may not. */
const MESSAGES: Readonly<Record<NonNullable<StepFacts["failureCode"]>, string>> = {
  FAILED_NO_ARTIFACT: "An artifact of the run is not stored, or its bytes do not match their hash.",
  FAILED_SOURCE_UNREADABLE: "The stored source of the run is missing or does not match its hash.",
  FAILED_DOCUMENT: "The document could not be read.",
  FAILED_ENCRYPTED: "The document is encrypted. Remove its password and send it again.",
  FAILED_CORRUPT: "The document is damaged or incomplete, so its format cannot be read.",
  FAILED_TOO_LARGE: "The document is too large once it is unpacked or parsed.",
  FAILED_UNSUPPORTED: "The bytes of the document are of a format that this program does not read.",
  FAILED_EFFECT: "The receiver of the side effect did not accept it.",
  step_failed: "The step failed. The log has the details.",
};
