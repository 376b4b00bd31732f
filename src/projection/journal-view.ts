import { type EventKind, findChainBreak, type RunEvent } from "../domain/journal.ts";

/** A run's journal as the API returns it. */
export type JournalView = Readonly<{
  run_id: string;
  /** `broken_at`: the `seq` of the first event that does not follow from the one before it; null when the chain is intact. */
  chain: Readonly<{ sound: boolean; broken_at: number | null; head_sha256: string | null }>;
  events: readonly EventView[];
}>;

export type EventView = Readonly<{
  seq: number;
  at_epoch_ms: number;
  kind: EventKind;
  node: string;
  detail: unknown;
  prev_sha256: string;
  sha256: string;
}>;

export function journalViewOf(runId: string, events: readonly RunEvent[]): JournalView {
  const brokenAt = findChainBreak(runId, events);
  return {
    run_id: runId,
    chain: { sound: brokenAt === null, broken_at: brokenAt, head_sha256: events.at(-1)?.sha256 ?? null },
    events: events.map(eventViewOf),
  };
}

function eventViewOf(event: RunEvent): EventView {
  return {
    seq: event.seq,
    at_epoch_ms: event.atEpochMs,
    kind: event.kind,
    node: event.node,
    detail: detailOf(event.detail),
    prev_sha256: event.prevSha256,
    sha256: event.sha256,
  };
}

/** A detail that is not JSON was damaged by hand, and is given as text. */
function detailOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
