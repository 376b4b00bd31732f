/** The place after a page of results, and the index as it was then: chunks that came later do not shift the pages. */
export type Cursor = Readonly<{
  /** Chunks from this number on are not looked at. */
  end: number;
  /** The last hit of the page. */
  score: number;
  chunk: number;
  /** The first 8 hex digits of the hash of query and filters: a cursor continues one search only. */
  query: string;
}>;

export function writeCursor({ end, score, chunk, query }: Cursor): string {
  return [end, score, chunk, query].join(".");
}

export function readCursor(text: string): Cursor | null {
  const [, end, score, chunk, query] = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})\.([0-9a-f]{8})$/.exec(text) ?? [];
  if (query === undefined) return null;
  return { end: Number(end), score: Number(score), chunk: Number(chunk), query };
}
