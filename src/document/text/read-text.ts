import type { Checkpoint } from "../checkpoint.ts";
import { libs } from "../libs.ts";
import { appendBlock, type Reader } from "../reader.ts";
import { readDecodedText, type TextBlock } from "./decoded-text.ts";
import { splitMarkedLines } from "./low-marker.ts";
import { MappedText } from "./mapped-text.ts";

/** Plain text: paragraphs are lines without a blank line between them. */
export const textReader: Reader = {
  recipe: { name: "jejakekal.text", version: "3", params: { lowMarker: "[low]" }, libs: libs("iconv-lite") },
  isInterruptible: true,
  read: (input) =>
    readDecodedText(input, (source) => ({
      blocks: readParagraphs(source, 0, source.length, input.checkpoint),
      warnings: [],
    })),
};

/** The paragraphs of a part of the source; offsets count from the start of the whole. */
export function readParagraphs(
  source: string,
  start: number,
  end: number,
  checkpoint: Checkpoint,
): TextBlock[] {
  const blocks: TextBlock[] = [];
  let paragraph = new MappedText(source);
  let before: Line | undefined;
  const finish = () => {
    for (const { content, low } of splitMarkedLines(paragraph.trim())) {
      appendBlock(blocks, { type: "paragraph", content, reasons: low ? ["low_marker"] : [] });
    }
    paragraph = new MappedText(source);
    before = undefined;
  };
  for (const line of linesOf(source, start, end)) {
    checkpoint();
    if (isBlank(source, line)) {
      if (!paragraph.isEmpty) finish();
    } else {
      // Not behind the last line, where it would be trimmed: that copies the paragraph.
      if (before !== undefined) paragraph.appendAs("\n", before.end, before.next);
      paragraph.append(line.start, line.end);
      before = line;
    }
  }
  finish();
  return blocks;
}

/** `end` is before the newline, `next` after it; LF, CRLF and a lone CR each end a line. */
type Line = { start: number; end: number; next: number };

function* linesOf(source: string, start: number, end: number): Generator<Line> {
  const newlines = /\r\n?|\n/g;
  newlines.lastIndex = start;
  let from = start;
  for (let newline = newlines.exec(source); newline && newline.index < end; newline = newlines.exec(source)) {
    yield { start: from, end: newline.index, next: newlines.lastIndex };
    from = newlines.lastIndex;
  }
  if (from < end) yield { start: from, end, next: end };
}

function isBlank(source: string, line: Line): boolean {
  for (let at = line.start; at < line.end; at += 1) {
    const code = source.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0c) return false;
  }
  return true;
}
