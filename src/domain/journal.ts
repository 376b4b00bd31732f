import { sha256Hex } from "../sha256.ts";
import { isRecord, readSerialized } from "./serialized.ts";

/** What can happen to a run. */
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
  | "exported"
  | "reviewed"
  | "erased";

/** A row of jejakekal.run_event: an entry of a run's journal. */
export type RunEvent = Readonly<{
  /** 0-based within the run. */
  seq: number;
  atEpochMs: number;
  kind: EventKind;
  /** The writer: a node's name, or `cli`. */
  node: string;
  /** The text of a JSON object: the hash covers these characters. */
  detail: string;
  prevSha256: string;
  sha256: string;
}>;

/** An event to be appended. The database adds number, time and hashes. */
export type NewEvent = Readonly<{
  runId: string;
  kind: EventKind;
  node: string;
  detail: Readonly<Record<string, unknown>>;
}>;

/** Who sent a request: by which way, and with the name of which token; null for a request without one. */
export type Sender = Readonly<{ via: "api" | "cli" | "page"; token: string | null }>;

/** Who asked for a change, and why. */
export type Actor = Readonly<{
  /** `retention`: the age of the run was reached. */
  via: Sender["via"] | "retention";
  /** The name of the token; without a token, the name that the request gives. */
  by?: string | undefined;
  /** The name that a request with a token gives. */
  on_behalf_of?: string | undefined;
  /** Free text from the request. */
  reason?: string | undefined;
}>;

/** The keys of an event that say who asked. */
export function actorDetail(actor: Actor): Readonly<Record<string, string>> {
  const given = Object.entries(actor).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}

/** `prevSha256` of the first event of every run. */
const CHAIN_START = "0".repeat(64);

/** What is known of a journal of which some first part has been checked. */
export type CheckedChain = Readonly<{
  /** The number of events. */
  total: number;
  /** The `seq` that the next event should have. */
  nextSeq: number;
  /** Null while there are no events. */
  headSha256: string | null;
  firstAtEpochMs: number | null;
  /** See `findChainBreak`. */
  brokenAt: number | null;
}>;

export const EMPTY_CHAIN: CheckedChain = {
  total: 0,
  nextSeq: 0,
  headSha256: null,
  firstAtEpochMs: null,
  brokenAt: null,
};

/**
 * Checks the events that follow on those that have been checked.
 * @param mayHaveGaps events may be missing: an imported run has those that its bundle tells
 */
export function extendChain(
  runId: string,
  chain: CheckedChain,
  events: readonly RunEvent[],
  mayHaveGaps = false,
): CheckedChain {
  const last = events.at(-1);
  if (last === undefined) return chain;
  return {
    total: chain.total + events.length,
    nextSeq: last.seq + 1,
    headSha256: last.sha256,
    firstAtEpochMs: chain.firstAtEpochMs ?? events[0]?.atEpochMs ?? null,
    brokenAt: chain.brokenAt ?? findBreak(runId, chain, events, mayHaveGaps),
  };
}

/**
 * The `seq` of the first event whose hash or number does not follow from the event before it; null when the chain is intact.
 * Events removed from the end are not detected: compare the last hash with one that was stored elsewhere.
 */
export function findChainBreak(runId: string, events: readonly RunEvent[]): number | null {
  return findBreak(runId, EMPTY_CHAIN, events, false);
}

function findBreak(
  runId: string,
  { total, nextSeq, headSha256 }: CheckedChain,
  events: readonly RunEvent[],
  mayHaveGaps: boolean,
): number | null {
  let prevSha256 = headSha256 ?? CHAIN_START;
  let expectedSeq = mayHaveGaps ? nextSeq : total;
  for (const event of events) {
    const isNext = event.seq === expectedSeq && event.prevSha256 === prevSha256;
    const isAfterGap = mayHaveGaps && event.seq > expectedSeq;
    if (!(isNext || isAfterGap) || eventSha256(runId, event) !== event.sha256) return event.seq;
    prevSha256 = event.sha256;
    expectedSeq = event.seq + 1;
  }
  return null;
}

/** The most events that one answer holds. Journals of more are rare: a run has a few events for each time that it is executed. */
export const MAX_EVENTS_PER_PART = 500;

/** Which part of a journal is wanted. */
export type JournalQuery = Readonly<{
  /** The `seq` of its first event; null for the latest part. */
  from: number | null;
  /** Events that were read and checked at most this long ago are not read again; 0 reads all. */
  checkedWithinMs: number;
}>;

/** A part of a journal, oldest event first, and what is known of the whole. */
export type JournalPart = Readonly<{ chain: CheckedChain; events: readonly RunEvent[] }>;

/** The part of a journal that is in memory as a whole. */
export function journalPartOf(
  runId: string,
  events: readonly RunEvent[],
  from: JournalQuery["from"],
  mayHaveGaps = false,
): JournalPart {
  const start = from ?? Math.max(0, events.length - MAX_EVENTS_PER_PART);
  return {
    chain: extendChain(runId, EMPTY_CHAIN, events, mayHaveGaps),
    events: events.slice(start, start + MAX_EVENTS_PER_PART),
  };
}

/** The same as jejakekal.event_sha256 in infra/sql/0002-journal.sql: the fields in this order, one per line. */
export function eventSha256(
  runId: string,
  {
    prevSha256,
    seq,
    atEpochMs,
    kind,
    node,
    detail,
  }: Omit<RunEvent, "sha256" | "kind"> & Readonly<{ kind: string }>,
): string {
  const lines = [prevSha256, runId, seq, atEpochMs, kind, node, detail];
  return sha256Hex(lines.join("\n"));
}

/** Events that end an execution. */
const ENDINGS: ReadonlySet<EventKind> = new Set(["finished", "cancelled"]);

/** Events that record a request about the run and do not belong to its execution. */
const REQUESTS: ReadonlySet<EventKind> = new Set([
  "deduplicated",
  "forked",
  "exported",
  "reviewed",
  "erased",
]);

/** How a run ended, by DBOS's row: its status and the failure code of its error. */
export type RunEnd = Readonly<{ dbosStatus: string; failureCode: string | null }>;

/**
 * The part of a journal that is the same whenever it is read: for a run that has ended, everything up to the event that ended it. Where
 * no event ended it, because the run goes on (`end` is null) or was ended by another program, everything but requests about the run.
 */
export function eventsUntilEnd(events: readonly RunEvent[], end: RunEnd | null): readonly RunEvent[] {
  const last = end === null ? -1 : indexOfEnd(events, end);
  return last === -1 ? events.filter(({ kind }) => !REQUESTS.has(kind)) : events.slice(0, last + 1);
}

/**
 * The event that ended the run is the first one since the last resume that says what DBOS's row says. An execution that no
 * longer owned the run, because its process was suspended, can have written other events around it.
 */
function indexOfEnd(events: readonly RunEvent[], end: RunEnd): number {
  const resumed = events.findLastIndex(({ kind }) => kind === "resumed");
  const findFrom = (matches: (event: RunEvent) => boolean) =>
    events.findIndex((event, index) => index > resumed && matches(event));
  const exact = findFrom((event) => matchesEnd(event, end, end.failureCode));
  if (exact !== -1) return exact;
  // Earlier versions wrote another failure code into the journal than into DBOS's row.
  const other = findFrom((event) => matchesEnd(event, end, null));
  return other !== -1 ? other : events.findLastIndex(({ kind }) => ENDINGS.has(kind));
}

/** @param code the failure code that a failed run's event must have; null for any */
function matchesEnd({ kind, detail }: RunEvent, { dbosStatus }: RunEnd, code: string | null): boolean {
  if (dbosStatus === "CANCELLED") return kind === "cancelled";
  if (kind !== "finished") return false;
  const said = readSerialized(detail);
  if (!isRecord(said)) return false;
  if (dbosStatus === "SUCCESS") return said.status === "done";
  return dbosStatus === "ERROR" && said.status === "error" && (code === null || said.code === code);
}
