import { type EventKind, type JournalPart, MAX_EVENTS_PER_PART, type RunEvent } from "../domain/journal.ts";

/** A run's journal as the API returns it. */
export type JournalView = Readonly<{
  run_id: string;
  /** `broken_at`: the `seq` of the first event that does not follow from the one before it; null when the chain is intact. */
  chain: Readonly<{ sound: boolean; broken_at: number | null; head_sha256: string | null }>;
  events: readonly EventView[];
  /** Only where `events` is a part of the journal. */
  page?: JournalPage;
}>;

/** Where a part of a journal stands in the whole. */
export type JournalPage = Readonly<{
  /** The number of events of the whole journal. */
  total: number;
  first_at_epoch_ms: number | null;
  /** The paths of the parts before and after this one; null where there is none. */
  earlier: string | null;
  later: string | null;
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

export function journalViewOf(runId: string, part: JournalPart): JournalView {
  const { total, brokenAt, headSha256 } = part.chain;
  return {
    run_id: runId,
    chain: { sound: brokenAt === null, broken_at: brokenAt, head_sha256: headSha256 },
    events: part.events.map(eventViewOf),
    ...(part.events.length === total ? {} : { page: pageOf(runId, part) }),
  };
}

function pageOf(runId: string, { chain, events }: JournalPart): JournalPage {
  const start = events[0]?.seq ?? chain.nextSeq;
  const end = (events.at(-1)?.seq ?? start) + 1;
  const pathFrom = (seq: number) => `/runs/${runId}/events?from=${seq}`;
  return {
    total: chain.total,
    first_at_epoch_ms: chain.firstAtEpochMs,
    earlier: start > 0 ? pathFrom(Math.max(0, start - MAX_EVENTS_PER_PART)) : null,
    later: end < chain.nextSeq ? pathFrom(end) : null,
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
