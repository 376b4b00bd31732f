import type { StoredEffect } from "../domain/effect.ts";
import { eventsUntilEnd, type RunEvent } from "../domain/journal.ts";
import type { RunRecord } from "../domain/run-record.ts";
import { failureCodeIn, stepFactsOf } from "../domain/step-facts.ts";

/**
 * `tool-io.json`, shape 1: for each step the hashes of what it read and stored, the side effects with their receipts, and the
 * journal. Frozen. Effects and journal are those of the moment at which the run ended: what is written later, by a request about the
 * run or by an effect that was under way when the run was cancelled, must not change its bundle.
 */
export function toolIoOf(
  { workflow, operations, artifacts, effects }: RunRecord,
  events: readonly RunEvent[],
  hasEnded: boolean,
) {
  const end = { dbosStatus: workflow.status, failureCode: failureCodeIn(workflow.error) };
  const journal = eventsUntilEnd(events, hasEnded ? end : null);
  const isBeforeEnd = createOrder(journal, events, hasEnded);
  return {
    steps: operations.map((operation) => {
      const { attempt, inputs, outputs } = stepFactsOf(operation, artifacts);
      const { function_id, function_name } = operation;
      return { function_id, function_name, attempt, in: inputs, out: outputs };
    }),
    effects: effects.flatMap((effect) => effectEntries(effect, isBeforeEnd)),
    journal: journal.map(journalEntry),
  };
}

/** Whether a row that was written after the event `seq` was written before the end. Rows of earlier versions have no such number. */
type IsBeforeEnd = (seq: number | null | undefined) => boolean;

function createOrder(
  journal: readonly RunEvent[],
  events: readonly RunEvent[],
  hasEnded: boolean,
): IsBeforeEnd {
  const last = journal.at(-1);
  const isEnd = last !== undefined && (last.kind === "finished" || last.kind === "cancelled");
  // A run that was resumed and then ended by another program has no event for its end.
  const goesOn = events.some(({ kind, seq }) => kind === "resumed" && seq > (last?.seq ?? 0));
  const endSeq = hasEnded && isEnd && !goesOn ? last.seq : Number.POSITIVE_INFINITY;
  return (seq) => seq === null || seq === undefined || seq < endSeq;
}

/** The effect as it was when the run ended; nothing when it had not begun. */
function effectEntries(effect: StoredEffect, isBeforeEnd: IsBeforeEnd) {
  const { effectKey, kind, executions, receipt, begunAfter = [], receiptAfter } = effect;
  const later = begunAfter.filter((seq) => !isBeforeEnd(seq)).length;
  if (executions === later) return [];
  return [
    {
      effect_key: effectKey,
      kind,
      executions: executions - later,
      receipt: isBeforeEnd(receiptAfter) ? receipt : null,
    },
  ];
}

/** An event as the files of a bundle have it. */
export function journalEntry({ seq, atEpochMs, kind, node, detail, prevSha256, sha256 }: RunEvent) {
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
