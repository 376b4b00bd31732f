import {
  type CheckedChain,
  EMPTY_CHAIN,
  extendChain,
  type JournalPart,
  type JournalQuery,
  MAX_EVENTS_PER_PART,
  type RunEvent,
} from "../domain/journal.ts";
import type { Queryable } from "./database.ts";
import { isImported } from "./imported-runs.ts";
import { listEvents } from "./journal.ts";

/** A journal up to its last event that was read. */
type CheckedJournal = Readonly<{
  chain: CheckedChain;
  /** Its last events. */
  latest: readonly RunEvent[];
  checkedAtMs: number;
}>;

/** The journals that are remembered; the one that was read least recently is forgotten first. */
const MAX_JOURNALS = 64;

/**
 * Reads parts of journals. A journal only grows, so a page that polls a run asks for the events that follow on those it has seen, and
 * no event is read or hashed twice. A journal that was checked too long ago is read from its start: its rows may have been damaged.
 */
export function createJournalReader(now: () => number = () => performance.now()) {
  const journals = new Map<string, CheckedJournal>();
  const findRecent = (runId: string, withinMs: number): CheckedJournal | undefined => {
    const journal = journals.get(runId);
    return journal !== undefined && now() - journal.checkedAtMs < withinMs ? journal : undefined;
  };
  const remember = (runId: string, journal: CheckedJournal) => {
    journals.delete(runId);
    if (journal.chain.total > 0) journals.set(runId, journal);
    const [oldest] = journals.keys();
    if (journals.size > MAX_JOURNALS && oldest !== undefined) journals.delete(oldest);
  };
  return async (
    db: Queryable,
    runId: string,
    { from, checkedWithinMs }: JournalQuery,
  ): Promise<JournalPart> => {
    const known = findRecent(runId, checkedWithinMs);
    const unknown = { chain: EMPTY_CHAIN, latest: [], checkedAtMs: now() };
    const found = await readOn(db, runId, known ?? unknown);
    const mayHaveGaps = found.chain.brokenAt !== null && (await isImported(db, runId));
    const journal = mayHaveGaps ? await readOn(db, runId, unknown, mayHaveGaps) : found;
    remember(runId, journal);
    return { chain: journal.chain, events: await eventsFrom(db, runId, journal, from) };
  };
}

/** Reads to the end of the journal, in parts, so that a long one is never in memory as a whole. */
async function readOn(
  db: Queryable,
  runId: string,
  known: CheckedJournal,
  mayHaveGaps = false,
): Promise<CheckedJournal> {
  let { chain, latest } = known;
  for (;;) {
    const events = await listEvents(db, runId, { from: chain.nextSeq, limit: MAX_EVENTS_PER_PART });
    chain = extendChain(runId, chain, events, mayHaveGaps);
    latest = [...latest, ...events].slice(-MAX_EVENTS_PER_PART);
    if (events.length < MAX_EVENTS_PER_PART) return { ...known, chain, latest };
  }
}

async function eventsFrom(
  db: Queryable,
  runId: string,
  { chain, latest }: CheckedJournal,
  from: number | null,
): Promise<readonly RunEvent[]> {
  if (from === null || from >= chain.nextSeq) return from === null ? latest : [];
  const firstSeq = latest[0]?.seq ?? 0;
  if (from >= firstSeq) return latest.filter(({ seq }) => seq >= from);
  return listEvents(db, runId, { from, limit: MAX_EVENTS_PER_PART });
}
