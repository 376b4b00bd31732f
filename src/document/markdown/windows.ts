import type { Event } from "micromark-util-types";
import type { MarkdownParser } from "./parser.ts";

/**
 * A part of the document that starts and ends between two blocks, with the events of its blocks; null for a part that
 * the parser cannot take.
 */
export type Window = { start: number; end: number; events: Event[] | null };

/** Some of micromark's work grows with the square of the events of one part, so parts are small at first. */
const MIN_UNITS = 8 * 1024;
const MIN_LINES = 160;

/** A single block longer than this is not parsed. The parser keeps more than a kilobyte for each line. */
const MAX_UNITS = 4 * 1024 * 1024;
const MAX_LINES = 256 * 1024;

/** How many times longer a part is when it is read again. */
const GROWTH = 4;

/**
 * Cuts the source from `start` on into parts where the parser itself reports that one block has ended and another
 * begins; what follows cannot change what came before, and parses the same by itself. A part without such a place is
 * read again with four times the length, so all reading together is linear.
 */
export function* windowsOf(parser: MarkdownParser, source: string, start: number): Generator<Window> {
  let at = start;
  let size = 1;
  while (at < source.length) {
    const text = endOfBlankLines(source, at);
    if (text > at) {
      yield { start: at, end: text, events: [] };
      at = text;
      continue;
    }
    const [maxUnits, maxLines] = [
      Math.min(MIN_UNITS * size, MAX_UNITS),
      Math.min(MIN_LINES * size, MAX_LINES),
    ];
    const end = endOfLines(source, at, maxUnits, maxLines);
    const events = parser.parseBlocks(at, end);
    const cut =
      events && end < source.length
        ? findCut(source, events, at, end)
        : { offset: end, index: events?.length ?? 0 };
    if (events && cut) {
      yield { start: at, end: cut.offset, events: events.slice(0, cut.index) };
      at = cut.offset;
      size = 1;
    } else if (events && maxUnits < MAX_UNITS && maxLines < MAX_LINES) {
      size *= GROWTH;
    } else {
      const blank = endOfParagraph(source, end);
      yield { start: at, end: blank, events: null };
      at = blank;
      size = 1;
    }
  }
}

/** Containers whose inside does not end with the part that is parsed. */
const LISTS = new Set(["listOrdered", "listUnordered"]);

/** Blocks that a blank line ends. */
const ENDED_BY_BLANK_LINE = new Set(["content", "atxHeading", "setextHeading", "thematicBreak"]);

/** Not blocks. */
const BETWEEN_BLOCKS = new Set(["lineEnding", "lineEndingBlank", "linePrefix", "whitespace"]);

/**
 * The last place after `start` where a block, a top-level list item, or a definition behind another one begins: its offset, and
 * the index of its event. `end`, when the part ends with blank lines after a block that they end.
 */
function findCut(
  source: string,
  events: readonly Event[],
  start: number,
  end: number,
): { offset: number; index: number } | null {
  let cut: { offset: number; index: number } | null = null;
  const open: string[] = [];
  let last = "";
  let prefix = -1;
  let endsBlank = false;
  let hasDefinition = false;
  for (const [index, [phase, { type, start: from }]] of events.entries()) {
    if (phase === "exit") {
      open.pop();
      continue;
    }
    const isTop = open.length === 0 && !BETWEEN_BLOCKS.has(type);
    const isItem = type === "listItemPrefix" && open.length === 1 && LISTS.has(open[0] ?? "");
    const isDefinition = type === "definition" && open.length === 1 && open[0] === "content";
    // What follows a paragraph at once could also have been a part of it.
    const isTopCut = isTop && (last !== "content" || isAfterBlankLine(source, from.offset));
    if (isTopCut || isItem || (isDefinition && hasDefinition)) {
      const offset = startOfLine(source, from.offset);
      if (offset !== null && offset > start) cut = { offset, index: prefix === index - 2 ? prefix : index };
    }
    if (type === "linePrefix") prefix = index;
    if (isTop) last = type;
    hasDefinition = isDefinition || (hasDefinition && !isTop);
    if (open.length === 0) endsBlank = type === "lineEndingBlank" || (endsBlank && !isTop);
    open.push(type);
  }
  return endsBlank && ENDED_BY_BLANK_LINE.has(last) ? { offset: end, index: events.length } : cut;
}

/** null when something other than blanks stands before. */
function startOfLine(source: string, offset: number): number | null {
  let at = offset;
  while (at > 0 && (source[at - 1] === " " || source[at - 1] === "\t")) at -= 1;
  return at === 0 || isNewline(source, at - 1) ? at : null;
}

function isAfterBlankLine(source: string, offset: number): boolean {
  const line = startOfLine(source, offset);
  if (line === null || line === 0) return false;
  const before = source[line - 1] === "\n" && source[line - 2] === "\r" ? line - 2 : line - 1;
  const end = startOfLine(source, before);
  return end !== null;
}

function isNewline(source: string, at: number): boolean {
  return source[at] === "\n" || source[at] === "\r";
}

/** The end of the blank lines that begin at `start`. */
function endOfBlankLines(source: string, start: number): number {
  const blank = /[ \t]*(?:\r\n?|\n)/y;
  let end = start;
  blank.lastIndex = start;
  while (blank.test(source)) end = blank.lastIndex;
  return end;
}

/** The end of whole lines from `start` on: at least one, and no more than `maxUnits` or `maxLines` if that can be. */
function endOfLines(source: string, start: number, maxUnits: number, maxLines: number): number {
  const newlines = /\r\n?|\n/g;
  newlines.lastIndex = start;
  let end = start;
  for (let lines = 0; lines < maxLines; lines += 1) {
    const newline = newlines.exec(source);
    if (!newline) return source.length - start <= maxUnits || end === start ? source.length : end;
    if (newlines.lastIndex - start > maxUnits && end > start) return end;
    end = newlines.lastIndex;
  }
  return end;
}

/** The end of the blank line after `start`, or of the source. */
function endOfParagraph(source: string, start: number): number {
  const blank = /(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)/g;
  blank.lastIndex = Math.max(0, start - 1);
  return blank.exec(source) ? blank.lastIndex : source.length;
}
