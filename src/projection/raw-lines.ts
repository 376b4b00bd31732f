import { type Part, partsOf } from "./segments.ts";

/** A text as a page can show it: some of its lines, none of them longer than a screen can take, with one span marked. */
export type RawLines = Readonly<{
  lines: readonly RawLine[];
  /** Lines of the text, and the first one that is shown, from 0. */
  total: number;
  from: number;
}>;

export type RawLine = Readonly<{
  /** From 1. */
  number: number;
  parts: readonly Part[];
}>;

export const LINES_PER_PAGE = 500;

/** Longer lines are cut: a line of a megabyte is data, and the download has it. */
const MAX_LINE_UNITS = 2_000;

/** What a whole page may hold, however the lines are. */
const MAX_PAGE_UNITS = 200_000;

export type Span = readonly [number, number];

/**
 * @param span UTF-16 offsets into `text`, half-open, to be marked
 * @param wanted the line to begin with, from 0; without one the marked line decides
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
