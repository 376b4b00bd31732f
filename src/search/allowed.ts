import type { SearchFilters } from "./query.ts";
import type { ChunkColumns, Postings } from "./segment.ts";

/** A term of a phrase in one segment; null when the segment does not have it. */
export type PhraseTerm = Readonly<{ postings: Postings; positions: Uint8Array }> | null;

/** The chunks of one segment that have the terms next to each other, in this order. */
export function findPhrase(terms: readonly PhraseTerm[]): readonly number[] {
  const walks = terms.flatMap((term) => (term === null ? [] : [startWalk(term)]));
  const [first, ...rest] = walks;
  if (first === undefined || walks.length < terms.length) return [];
  const found: number[] = [];
  for (; first.row < first.chunks.length; advance(first)) {
    const chunk = first.chunks[first.row] ?? 0;
    if (rest.every((walk) => seek(walk, chunk)) && isPhraseHere(first, rest)) found.push(chunk);
  }
  return found;
}

/** A walk along the chunks of a term, which ascend, and within a chunk along its positions, which ascend too. */
type Walk = {
  readonly chunks: Uint32Array;
  readonly countAt: (row: number) => number;
  readonly positions: Uint8Array;
  row: number;
  /** Where the positions of this row begin, in bytes. */
  from: number;
  /** The position that was looked at last, in bytes. */
  at: number;
};

const POSITION_BYTES = 2;

function startWalk({ postings, positions }: NonNullable<PhraseTerm>): Walk {
  const { chunk: chunks, inHeadings, inText } = postings;
  const countAt = (row: number) => (inHeadings[row] ?? 0) + (inText[row] ?? 0);
  return { chunks, countAt, positions, row: 0, from: 0, at: 0 };
}

/** Moves to the next chunk that has the term. */
function advance(walk: Walk): void {
  walk.from = endOf(walk);
  walk.at = walk.from;
  walk.row += 1;
}

function endOf({ from, row, countAt }: Walk): number {
  return from + countAt(row) * POSITION_BYTES;
}

/** Moves to this chunk, or to the next one that has the term; returns whether the term is in this chunk. */
function seek(walk: Walk, chunk: number): boolean {
  while (walk.row < walk.chunks.length && (walk.chunks[walk.row] ?? 0) < chunk) advance(walk);
  return walk.chunks[walk.row] === chunk;
}

/** Whether the terms stand next to each other somewhere in the chunk that all walks are at. */
function isPhraseHere(first: Walk, rest: readonly Walk[]): boolean {
  const end = endOf(first);
  for (let at = first.from; at < end; at += POSITION_BYTES) {
    const start = positionAt(first, at);
    if (rest.every((walk, index) => hasPosition(walk, start + index + 1))) return true;
  }
  return false;
}

/** A walk only moves forward, so calls for one chunk ask for ascending positions. */
function hasPosition(walk: Walk, wanted: number): boolean {
  const end = endOf(walk);
  while (walk.at < end && positionAt(walk, walk.at) < wanted) walk.at += POSITION_BYTES;
  return walk.at < end && positionAt(walk, walk.at) === wanted;
}

function positionAt({ positions }: Walk, at: number): number {
  return (positions[at] ?? 0) | ((positions[at + 1] ?? 0) << 8);
}

/** What rules chunks out, of one segment. */
export type Conditions = Readonly<{
  filters: Pick<SearchFilters, "page" | "has">;
  /** The runs that the other filters leave; null for all. */
  runs: ReadonlySet<number> | null;
  /** Runs whose documents were erased or cannot be read. */
  hiddenRuns: ReadonlySet<number>;
  /** Chunks of each required phrase. */
  required: readonly (readonly number[])[];
  excluded: readonly (readonly number[])[];
}>;

/** 1 for each chunk of the segment that is allowed; null when all are. */
export function findAllowed(columns: ChunkColumns, conditions: Conditions): Uint8Array | null {
  const { filters, runs, hiddenRuns, required, excluded } = conditions;
  const isFree =
    runs === null && hiddenRuns.size === 0 && filters.page === undefined && filters.has === undefined;
  if (isFree && required.length + excluded.length === 0) return null;
  const allowed = new Uint8Array(columns.chunks).fill(1);
  const clearUnless = (isKept: (row: number) => boolean) => {
    for (let row = 0; row < allowed.length; row += 1) if (!isKept(row)) allowed[row] = 0;
  };
  if (runs !== null) clearUnless((row) => runs.has(columns.run[row] ?? 0));
  if (hiddenRuns.size > 0) clearUnless((row) => !hiddenRuns.has(columns.run[row] ?? 0));
  if (filters.has === "doubt") clearUnless((row) => columns.isDoubtful[row] === 1);
  if (filters.page !== undefined) {
    const [first, last] = filters.page;
    clearUnless((row) => (columns.firstPage[row] ?? 0) <= last && (columns.lastPage[row] ?? 0) >= first);
  }
  for (const chunks of required) {
    const having = new Set(chunks);
    clearUnless((row) => having.has(columns.firstChunk + row));
  }
  for (const chunk of excluded.flat()) {
    const row = chunk - columns.firstChunk;
    if (row < allowed.length) allowed[row] = 0;
  }
  return allowed;
}

/** The columns of the chunks before number `end`: what was there when the first page of results was made. */
export function columnsBefore(columns: ChunkColumns, end: number): ChunkColumns {
  const chunks = Math.max(0, Math.min(columns.chunks, end - columns.firstChunk));
  if (chunks === columns.chunks) return columns;
  const words = columns.words.subarray(0, chunks);
  return { ...columns, chunks, words, allWords: words.reduce((sum, count) => sum + count, 0) };
}
