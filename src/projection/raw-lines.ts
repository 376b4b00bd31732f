import { type Part, partsOf, type Span } from "./text-parts.ts";

/** A text as a page shows it: a window of its lines, long lines cut, with one span marked. */
export type RawLines = Readonly<{
  lines: readonly RawLine[];
  /** How many lines the text has. */
  total: number;
  /** The first line of the window, from 0. */
  from: number;
}>;

export type RawLine = Readonly<{
  /** From 1. */
  number: number;
  parts: readonly Part[];
}>;

export const LINES_PER_PAGE = 500;

/** Longer lines are cut; the download has them whole. */
const MAX_LINE_UNITS = 2_000;

/** The most text on one page, in UTF-16 units; further lines are cut to nothing. */
const MAX_PAGE_UNITS = 200_000;

/**
 * @param span what to mark
 * @param wanted a line of the window, from 0; null: the line where the mark begins
 */
export function rawLinesOf(text: string, span: Span | null, wanted: number | null): RawLines {
  const starts = lineStarts(text);
  const marked = span === null ? null : lineAt(starts, span[0]);
  const line = Math.min(wanted ?? marked ?? 0, starts.length - 1);
  const from = Math.floor(line / LINES_PER_PAGE) * LINES_PER_PAGE;
  const lines: RawLine[] = [];
  let room = MAX_PAGE_UNITS;
  for (let index = from; index < Math.min(from + LINES_PER_PAGE, starts.length); index += 1) {
    const begin = starts[index] ?? 0;
    const end = endOfLine(text, begin, starts[index + 1] ?? text.length);
    const isMarked = span !== null && span[0] <= end && span[1] > begin;
    const parts = partsOf(
      text,
      [begin, end],
      isMarked ? span : null,
      room > 0 || isMarked ? MAX_LINE_UNITS : 0,
    );
    lines.push({ number: index + 1, parts });
    room -= parts.reduce((used, part) => used + (part.kind === "cut" ? 0 : part.text.length), 0);
  }
  return { lines, total: starts.length, from };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const { index, 0: newline } of text.matchAll(/\r\n?|\n/g)) {
    if (index + newline.length < text.length) starts.push(index + newline.length);
  }
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function endOfLine(text: string, begin: number, next: number): number {
  let end = next;
  while (end > begin && (text[end - 1] === "\n" || text[end - 1] === "\r")) end -= 1;
  return end;
}
