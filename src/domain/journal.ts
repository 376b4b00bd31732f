import { sha256Hex } from "../sha256.ts";

/** What can befall a run. */
export type EventKind =
  | "accepted"
  | "deduplicated"
  | "started"
  | "attempt_failed"
  | "recovered"
  | "cancelled"
  | "resumed"
  | "forked"
  | "finished"
  | "exported";

/** An entry of a run's journal, as it is stored. */
export type RunEvent = Readonly<{
  /** 0-based within the run. */
  seq: number;
  atEpochMs: number;
  kind: EventKind;
  /** Who wrote it: a node's name, or `cli`. */
  node: string;
  /** The text of a JSON object: the hash covers these characters. */
  detail: string;
  prevSha256: string;
  sha256: string;
}>;

/** An event that is about to be written. The database numbers, dates and chains it. */
export type NewEvent = Readonly<{
  runId: string;
  kind: EventKind;
  node: string;
  detail: Readonly<Record<string, unknown>>;
}>;

/** Who asked for a change, and why; both in their own words. */
export type Actor = Readonly<{
  via: "api" | "cli" | "page";
  by?: string | undefined;
  reason?: string | undefined;
}>;

/** What the journal keeps of an actor. */
export function actorDetail({ via, by, reason }: Actor): Readonly<Record<string, string>> {
  return { via, ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
}

/** Stands before the first event of every run. */
const CHAIN_START = "0".repeat(64);

/**
 * The sequence number of the first event that does not follow from the one before it; null when the chain holds. A chain
 * that was cut off at its end holds: to see that, compare its last hash with one that was noted elsewhere.
 */
export function findChainBreak(runId: string, events: readonly RunEvent[]): number | null {
  let prevSha256 = CHAIN_START;
  for (const [index, event] of events.entries()) {
    const isNext = event.seq === index && event.prevSha256 === prevSha256;
    if (!isNext || eventSha256(runId, event) !== event.sha256) return event.seq;
    prevSha256 = event.sha256;
  }
  return null;
}

/** What the database computes as jejakekal.event_sha256: the fields in this order, one to a line. */
function eventSha256(runId: string, { prevSha256, seq, atEpochMs, kind, node, detail }: RunEvent): string {
  const lines = [prevSha256, runId, seq, atEpochMs, kind, node, detail];
  return sha256Hex(lines.join("\n"));
}

/** Events after which nothing more comes by itself: what is asked of an ended run later is not part of its course. */
const ENDINGS: ReadonlySet<EventKind> = new Set(["finished", "cancelled"]);

/** Events that tell of what others asked for, and not of what became of the run. */
const ASKED: ReadonlySet<EventKind> = new Set(["deduplicated", "forked", "exported"]);

/**
 * The part of a journal that is the same whenever it is read: up to the last end of a run that has ended. Where the journal knows
 * of no end, because the run goes on or was ended by other means, it is all that befell the run.
 */
export function courseOf(events: readonly RunEvent[], hasEnded: boolean): readonly RunEvent[] {
  const end = hasEnded ? events.findLastIndex(({ kind }) => ENDINGS.has(kind)) : -1;
  return end === -1 ? events.filter(({ kind }) => !ASKED.has(kind)) : events.slice(0, end + 1);
}
