import type { Span } from "../document/schema.ts";
import type { HitSource, Snippet } from "./snippet.ts";

/** How a term of a chunk answers the query: as the word itself, as another form of it, by a prefix, as a similar spelling, in a phrase. */
export type MatchKind = "word" | "form" | "prefix" | "similar" | "phrase";

/** The body of `GET /search`. */
export type SearchAnswer = Readonly<{
  query: string;
  /** How many chunks match, near-duplicates included. */
  total: number;
  /** How many runs wait to be indexed: their chunks are not in the answer yet. */
  unindexed: number;
  /** The query with the likely spelling of words that no chunk has. */
  did_you_mean?: string;
  hits: readonly SearchHit[];
  /** The `cursor` of the next page; null on the last. */
  next: string | null;
}>;

export type SearchHit = Readonly<{
  run_id: string;
  /** The chunk index that has the chunk. */
  artifact_id: string;
  chunk_id: string;
  /** Title of the document. */
  title: string;
  media_type: string;
  heading_path: readonly string[];
  /** The first page that the chunk is on, for documents with pages. */
  page?: number;
  /** A whole number; greater is better. It compares hits of one query only. */
  score: number;
  /** Whether a part of the chunk should be reviewed. */
  doubtful: boolean;
  matched: readonly (readonly [term: string, kind: MatchKind])[];
  snippet: Snippet;
  /** The chunk in `docir.text`, half-open, in UTF-16 units. */
  span: Span;
  /** The first match in the document. */
  source: HitSource;
  /** How many other chunks say nearly the same and are left out. */
  duplicates: number;
}>;
