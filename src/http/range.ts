/** A part of a content: the byte that it starts at and the byte after its last one. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/**
 * Reads a `Range` header (RFC 9110, 14.2) for a content of `length` bytes. Null: there is no range, or one that may be
 * ignored, because it is of another unit, malformed, or more than one.
 */
export function parseRange(header: string | null, length: number): ByteRange | "unsatisfiable" | null {
  const [, from = "", to = ""] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "") ?? [];
  if (from === "" && to === "") return null;
  if (from === "") {
    const suffixLength = Math.min(Number(to), length);
    return suffixLength === 0 ? "unsatisfiable" : { start: length - suffixLength, end: length };
  }
  const start = Number(from);
  if (to !== "" && Number(to) < start) return null;
  if (start >= length) return "unsatisfiable";
  return { start, end: to === "" ? length : Math.min(Number(to) + 1, length) };
}

/** Whether `If-Range` allows a part: it is absent, or the strong tag of what is stored. A date is never known to match. */
export function ifRangeHolds(header: string | null, etag: string): boolean {
  return header === null || header.trim() === etag;
}
