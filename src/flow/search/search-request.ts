import { Failure } from "../../failure.ts";
import { type Cursor, readCursor } from "../../search/cursor.ts";
import { type FilterName, parseSearchQuery, type SearchQuery } from "../../search/query.ts";
import { sha256Hex } from "../../sha256.ts";

export type SearchRequest = Readonly<{
  /** The query as it was written; `query` is what it says. */
  text: string;
  query: SearchQuery;
  limit: number;
  cursor: Cursor | null;
}>;

/** Hits of one page. */
const MAX_HITS = 100;

export const DEFAULT_HITS = 10;

/** A search as a client asks for it. */
export type SearchParameters = Readonly<{ q: string; limit: number; cursor?: string | undefined }> &
  Readonly<Partial<Record<FilterName, string | undefined>>>;

/** @throws Failure `invalid_query`; for a query that cannot be read with the place of the fault as `at` */
export function readSearchRequest({ q, limit, cursor, ...filters }: SearchParameters): SearchRequest {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_HITS)
    throw new Failure("invalid_query", { field: "limit", reason: `takes a number from 1 to ${MAX_HITS}` });
  const parsed = parseSearchQuery(q, filters);
  if (!parsed.ok) {
    const { field, at, reason } = parsed.fault;
    throw new Failure("invalid_query", { field, reason, at });
  }
  return { text: q, query: parsed.query, limit, cursor: readOwnCursor(cursor, parsed.query) };
}

/** Names a search in its cursors. */
export function fingerprintOf(query: SearchQuery): string {
  return sha256Hex(JSON.stringify(query)).slice(0, 8);
}

function readOwnCursor(text: string | undefined, query: SearchQuery): Cursor | null {
  if (text === undefined) return null;
  const cursor = readCursor(text);
  if (cursor === null) throw refuseCursor("takes the next of an earlier answer");
  if (cursor.query !== fingerprintOf(query)) throw refuseCursor("belongs to another search");
  return cursor;
}

export function refuseCursor(reason: string): Failure {
  return new Failure("invalid_query", { field: "cursor", reason });
}
