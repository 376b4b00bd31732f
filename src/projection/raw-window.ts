import { type RawLine, rawLinesOf } from "./raw-lines.ts";
import { rawTextOf } from "./raw-text.ts";
import type { Span } from "./text-parts.ts";

export const RAW_WINDOW_SCHEMA = "jejakekal.raw-window/1";

/** Some lines of a received document: `GET /artifacts/:id/window` of a raw artifact. */
export type RawWindow = Readonly<{
  schema: typeof RAW_WINDOW_SCHEMA;
  /** How many lines there are; null for bytes that are not text. */
  total: number | null;
  /** The first line of the window, from 0. */
  from: number;
  lines: readonly RawLine[];
}>;

/**
 * @param mark half-open byte range to mark
 * @param at a line of the window, from 0; null: the line where the mark begins
 */
export function rawWindowOf(
  bytes: Uint8Array,
  mediaType: string,
  mark: Span | null,
  at: number | null,
): RawWindow {
  const source = rawTextOf(bytes, mediaType, mark);
  if (source === null) return { schema: RAW_WINDOW_SCHEMA, total: null, from: 0, lines: [] };
  return { schema: RAW_WINDOW_SCHEMA, ...rawLinesOf(source.text, source.span, at) };
}
