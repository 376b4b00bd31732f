import type { SearchFilters } from "./query.ts";
import type { ChunkColumns, Postings } from "./segment.ts";

/** A term of a phrase in one segment; null when the segment does not have it. */
export type PhraseTerm = Readonly<{ postings: Postings; positions: Uint8Array }> | null;

/** The chunks of one segment that have the terms next to each other, in this order. */
export function findPhrase(terms: readonly PhraseTerm[]): readonly number[] {
  const present = terms.filter((term) => term !== null);
  const [first, ...rest] = present;
  if (first === undefined || present.length < terms.length) return [];
  const inAll = rest.reduce((chunks, { postings }) => {
    const having = new Set(postings.chunk);
    return chunks.filter((chunk) => having.has(chunk));
  }, Array.from(first.postings.chunk));
  if (rest.length === 0) return inAll;
  const wanted = new Set(inAll);
  const places = present.map((term) => placesIn(term, wanted));
  return inAll.filter((chunk) => hasRow(places.map((byChunk) => byChunk.get(chunk) ?? [])));
}

/** Whether a position of the first list goes on in the next list, and so on. */
function hasRow([first = [], ...rest]: readonly (readonly number[])[]): boolean {
  const following = rest.map((positions) => new Set(positions));
  return first.some((start) => following.every((positions, index) => positions.has(start + index + 1)));
}

/** The positions of a term in the wanted chunks. */
function placesIn(
  { postings, positions }: NonNullable<PhraseTerm>,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, readonly number[]> {
  const view = new DataView(positions.buffer, positions.byteOffset, positions.length);
  const found = new Map<number, readonly number[]>();
  let at = 0;
  postings.chunk.forEach((chunk, index) => {
    const count = (postings.inHeadings[index] ?? 0) + (postings.inText[index] ?? 0);
    if (wanted.has(chunk)) {
      const begin = at;
      found.set(
        chunk,
        Array.from({ length: count }, (_, nth) => view.getUint16(begin + nth * 2, true)),
      );
    }
    at += count * 2;
  });
  return found;
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
