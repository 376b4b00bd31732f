import type { StoredEffect } from "../domain/effect.ts";
import { eventsUntilEnd, type RunEvent } from "../domain/journal.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { stepFactsOf } from "../domain/step-facts.ts";

/**
 * `tool-io.json`, shape 1: for each step the hashes of what it read and stored, the side effects with their receipts, and the
 * journal. Frozen. The journal ends where the run ended: what is asked of an ended run later must not change its bundle.
 */
export function toolIoOf(
  { operations, artifacts, effects }: RunRecord,
  events: readonly RunEvent[],
  hasEnded: boolean,
) {
  return {
    steps: operations.map((operation) => {
      const { attempt, inputs, outputs } = stepFactsOf(operation, artifacts);
      const { function_id, function_name } = operation;
      return { function_id, function_name, attempt, in: inputs, out: outputs };
    }),
    effects: effects.map(effectEntry),
    journal: eventsUntilEnd(events, hasEnded).map(journalEntry),
  };
}

function effectEntry({ effectKey, kind, executions, receipt }: StoredEffect) {
  return { effect_key: effectKey, kind, executions, receipt };
}

function journalEntry({ seq, atEpochMs, kind, node, detail, prevSha256, sha256 }: RunEvent) {
  return {
    seq,
    at_epoch_ms: atEpochMs,
    kind,
    node,
    detail: parsedDetail(detail),
    prev_sha256: prevSha256,
    sha256,
  };
}

/** A detail that is not JSON was damaged by hand, and is given as text. */
function parsedDetail(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
