import type { LineBox, SourceAnchor } from "../schema.ts";
import type { Line } from "./lines.ts";
import { enclose } from "./page-content.ts";

/** Scripts that are written without spaces between words. */
const UNSPACED_END = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]$/u;
const UNSPACED_START = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

const HYPHEN_END = /([\p{L}-]*\p{L})[-\u2010\u00ad]$/u;
const LOWER_START = /^\p{Ll}[\p{L}]*/u;

/** The words of a document, to decide which hyphens belong to a word. */
export type Words = ReadonlySet<string>;

export function wordsOf(lines: readonly Line[]): Words {
  const words = new Set<string>();
  for (const { text } of lines) {
    for (const [word] of text.matchAll(/\p{L}+(?:-\p{L}+)*(?!\p{L}|-$)/gu)) words.add(word.toLowerCase());
  }
  return words;
}

export type JoinedText = { text: string; boxes: LineBox[]; src: SourceAnchor[] };

/** The text of lines that belong together, and the place of each. `skip` is the length of the marker in the first line. */
export function joinLines(lines: readonly Line[], words: Words, skip = 0): JoinedText {
  let text = "";
  const boxes: LineBox[] = [];
  for (const [index, line] of lines.entries()) {
    const own = index === 0 ? line.text.slice(skip) : line.text;
    if (index > 0) text = joinOnto(text, own, words);
    boxes.push([text.length, own.length, line.page, [...line.box]]);
    text += own;
  }
  return { text, boxes: withinText(boxes, text.length), src: anchorsOfLines(lines) };
}

/** The lines of code, each with its indent. */
export function joinCode(lines: readonly Line[]): JoinedText {
  const left = Math.min(...lines.map(({ box }) => box[0]));
  let text = "";
  const boxes: LineBox[] = [];
  for (const line of lines) {
    if (text !== "") text += "\n";
    const width = (line.box[2] - line.box[0]) / Math.max(1, line.text.length);
    text += " ".repeat(Math.min(80, Math.max(0, Math.round((line.box[0] - left) / Math.max(1, width)))));
    boxes.push([text.length, line.text.length, line.page, [...line.box]]);
    text += line.text;
  }
  return { text, boxes, src: anchorsOfLines(lines) };
}

function joinOnto(text: string, next: string, words: Words): string {
  const [, head] = HYPHEN_END.exec(text) ?? [];
  const [tail] = LOWER_START.exec(next) ?? [];
  if (head !== undefined && tail !== undefined) {
    return isCompound(head, tail, words, text.endsWith("\u00ad")) ? text : text.slice(0, -1);
  }
  return (UNSPACED_END.test(text) && UNSPACED_START.test(next)) || /[\p{L}\p{N}][-\u2010/]$/u.test(text)
    ? text
    : `${text} `;
}

/** Whether the hyphen at the end of a line is part of the word: the document has the word with its hyphen, and not without. */
function isCompound(head: string, tail: string, words: Words, isSoft: boolean): boolean {
  if (isSoft) return false;
  const [left, right] = [head.toLowerCase(), tail.toLowerCase()];
  if (words.has(left + right)) return false;
  return words.has(`${left}-${right}`) || left.includes("-");
}

/** A hyphen that was taken away no longer belongs to its line. */
function withinText(boxes: readonly LineBox[], length: number): LineBox[] {
  return boxes.map(([start, size, page, box], index) => {
    const end = boxes[index + 1]?.[0] ?? length;
    return [start, Math.min(size, end - start), page, box];
  });
}

/** One box for each page that the lines are on. */
function anchorsOfLines(lines: readonly Line[]): SourceAnchor[] {
  const pages = [...new Set(lines.map(({ page }) => page))];
  return pages.map((page) => ({
    k: "pdf",
    page,
    bbox: enclose(lines.filter((line) => line.page === page).map(({ box }) => box)),
  }));
}
