import { appendBlock } from "../reader.ts";
import type { TextBlock } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";

/** The marks of quoted lines in a mail. */
const QUOTE_MARKS = /^(?:>[ \t]?)+/;

/** What begins the signature of a mail (RFC 3676). */
const SIGNATURE = /^-- ?$/;

/**
 * The paragraphs of a plain text mail: lines without a blank line between them and with equally many quote marks, which are left
 * out. The signature has the role `boilerplate`.
 */
export function readMailText(source: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let content = new MappedText(source);
  let depth = 0;
  let isSignature = false;
  const finish = () => {
    const trimmed = content.trim();
    content = new MappedText(source);
    if (trimmed.isBlank) return;
    const kind: Pick<TextBlock, "type" | "level"> =
      depth > 0 ? { type: "quote", level: depth } : { type: "paragraph" };
    appendBlock(blocks, {
      ...kind,
      content: trimmed,
      reasons: [],
      ...(isSignature ? { role: "boilerplate" as const } : {}),
    });
  };
  let start = 0;
  while (start < source.length) {
    const newline = source.indexOf("\n", start);
    const end = newline < 0 ? source.length : newline;
    const marks = QUOTE_MARKS.exec(source.slice(start, Math.min(end, start + 400)))?.[0] ?? "";
    const lineDepth = marks.replaceAll(/[ \t]/g, "").length;
    const textStart = start + marks.length;
    const line = source.slice(textStart, end);
    const startsSignature = lineDepth === 0 && SIGNATURE.test(line);
    if (lineDepth !== depth || line.trim() === "" || startsSignature) finish();
    depth = lineDepth;
    isSignature = (isSignature && lineDepth === 0) || startsSignature;
    if (line.trim() !== "" && !startsSignature) {
      content.append(textStart, end);
      content.appendAs("\n", end, Math.min(end + 1, source.length));
    }
    start = end + 1;
  }
  finish();
  return blocks;
}
