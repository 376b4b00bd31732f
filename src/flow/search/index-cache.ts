import { type ChunkColumns, type Postings, unpackFacts, unpackPostings } from "../../search/segment.ts";
import type { IndexReader, IndexState } from "../../store/index.ts";

/** A term in a segment. `positions` are there when they were asked for. */
export type CachedPostings = Readonly<{ postings: Postings; positions: Uint8Array | null }>;

/** Parts of the index that searches of this node have read. A segment never changes, so what is known of it stays true. */
export type IndexCache = Readonly<{
  /** The columns of the segments, in the same order. */
  getColumns(index: IndexReader, segments: IndexState["segments"]): Promise<readonly ChunkColumns[]>;
  /** For each term, its postings in each of the segments; null where a segment does not have it. */
  getPostings(
    index: IndexReader,
    segments: IndexState["segments"],
    terms: readonly string[],
    withPositions: boolean,
  ): Promise<ReadonlyMap<string, readonly (CachedPostings | null)[]>>;
}>;

/** About six bytes for each posting, and as many again where positions were asked for. */
const MAX_POSTING_BYTES = 16 * 1024 * 1024;

/** What an entry of a map costs besides. */
const ENTRY_BYTES = 200;

export function createIndexCache(maxBytes = MAX_POSTING_BYTES): IndexCache {
  let columns = new Map<number, ChunkColumns>();
  const postings = new Map<string, CachedPostings | null>();
  let bytes = 0;

  const store = (key: string, value: CachedPostings | null) => {
    bytes += sizeOf(value) - (postings.has(key) ? sizeOf(postings.get(key) ?? null) : 0);
    postings.delete(key);
    postings.set(key, value);
    for (const [oldest, entry] of postings) {
      if (bytes <= maxBytes) break;
      postings.delete(oldest);
      bytes -= sizeOf(entry);
    }
  };

  return {
    async getColumns(index, segments) {
      const missing = segments.filter(({ id }) => !columns.has(id));
      const facts = missing.length === 0 ? new Map() : await index.readFacts(missing.map(({ id }) => id));
      // Segments that were merged are forgotten.
      columns = new Map(
        segments.map(({ id, firstChunk }) => [
          id,
          columns.get(id) ?? unpackFacts(firstChunk, facts.get(id) ?? new Uint8Array()),
        ]),
      );
      return segments.flatMap(({ id }) => columns.get(id) ?? []);
    },
    async getPostings(index, segments, terms, withPositions) {
      const isKnown = (term: string, segment: number) => {
        const entry = postings.get(keyOf(segment, term));
        return entry === null || (entry !== undefined && (entry.positions !== null || !withPositions));
      };
      const missing = terms.filter((term) => segments.some(({ id }) => !isKnown(term, id)));
      const result = new Map(terms.map((term) => [term, new Map<number, CachedPostings | null>()]));
      for (const term of terms) {
        for (const { id } of segments) result.get(term)?.set(id, postings.get(keyOf(id, term)) ?? null);
      }
      if (missing.length > 0) {
        const ids = segments.map(({ id }) => id);
        for (const row of await index.readPostings(missing, ids, withPositions)) {
          const entry = { postings: unpackPostings(row.postings), positions: row.positions };
          result.get(row.term)?.set(row.segment, entry);
        }
        for (const term of missing)
          for (const id of ids) store(keyOf(id, term), result.get(term)?.get(id) ?? null);
      }
      return new Map(
        terms.map((term) => [term, segments.map(({ id }) => result.get(term)?.get(id) ?? null)]),
      );
    },
  };
}

function keyOf(segment: number, term: string): string {
  return `${segment} ${term}`;
}

function sizeOf(entry: CachedPostings | null): number {
  return (
    ENTRY_BYTES + (entry === null ? 0 : entry.postings.chunk.length * 6 + (entry.positions?.length ?? 0))
  );
}
