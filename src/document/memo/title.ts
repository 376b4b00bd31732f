import type { Block, DocIR, Span } from "../schema.ts";
import { sentencesOf, skipMarkers } from "./passages.ts";

/** A title in the words of the document. `isNamed` for a title that the document gives itself; else its first words. */
export type Title = { block: Block; span: Span; isNamed: boolean };

/** Without a letter, digit or pictograph there is nothing to read. */
const READABLE = /[\p{L}\p{N}\p{Emoji_Presentation}]/u;

/** Signs before the text of a heading or list in a text that is not read as Markdown. */
const LEADING_SIGNS = /^(?:[\s#>*+=~_|-]+(?=\s)\s+)?/u;

/** An id or classes behind a heading: `{#id .class}`. */
const ATTRIBUTES = /\{[#.:][^{}\n]{0,200}\}$/u;

/** The title, else that of the front matter, else the first heading, else the first sentence; null for nothing to read. */
export function findTitle({ text, blocks }: DocIR): Title | null {
  const ofType =
    (...types: string[]) =>
    (block: Block) =>
      types.includes(block.type) ? nameIn(text, block) : undefined;
  return (
    firstOf(blocks, ofType("title"), true) ??
    firstOf(blocks, (block) => titleInFrontMatter(text, block), true) ??
    firstOf(blocks, ofType("heading"), true) ??
    firstOf(blocks, (block) => (isContent(block) ? firstWords(text, block) : undefined), false) ??
    firstOf(blocks, (block) => (block.type === "metadata" ? firstLine(text, block) : undefined), false)
  );
}

function firstOf(
  blocks: readonly Block[],
  find: (block: Block) => Span | undefined,
  isNamed: boolean,
): Title | null {
  for (const block of blocks) {
    const span = block.role === "hidden" ? undefined : find(block);
    if (span) return { block, span, isNamed };
  }
  return null;
}

function isContent({ type }: Block): boolean {
  return type !== "separator" && type !== "metadata" && type !== "comment";
}

function nameIn(text: string, { span: [start, end] }: Block): Span | undefined {
  return readable(text, start, start + text.slice(start, end).replace(ATTRIBUTES, "").length);
}

/** The first sentence of prose up to a line of signs, such as an underline; of anything else its first line. */
function firstWords(text: string, block: Block): Span | undefined {
  if (block.type === "table" || block.type === "code") return firstLine(text, block);
  for (const { span: sentence } of sentencesOf(text, block)) {
    const span = firstReadableLines(text, sentence);
    if (span) return span;
  }
  return undefined;
}

function firstReadableLines(text: string, [start, end]: Span): Span | undefined {
  let [from, to] = [-1, -1];
  let at = start;
  // Of the sentence alone: to look for a newline beyond each of many sentences takes time by the square of the text.
  for (const line of text.slice(start, end).split("\n")) {
    const isReadable = READABLE.test(line);
    if (!isReadable && from >= 0) break;
    if (isReadable && from < 0) from = at + (LEADING_SIGNS.exec(line)?.[0].length ?? 0);
    if (isReadable) to = at + line.length;
    at += line.length + 1;
  }
  return from < 0 ? undefined : readable(text, from, to);
}

function firstLine(text: string, { span: [start, end] }: Block): Span | undefined {
  let from = start + skipMarkers(text.slice(start, end));
  while (from < end) {
    const newline = text.indexOf("\n", from);
    const lineEnd = newline < 0 || newline > end ? end : newline;
    const span = readable(text, from, lineEnd);
    if (span) return span;
    from = lineEnd + 1;
  }
  return undefined;
}

/** Without blanks at its ends; undefined where nothing of it can be read. */
function readable(text: string, start: number, end: number): Span | undefined {
  const slice = text.slice(start, end);
  if (!READABLE.test(slice)) return undefined;
  const from = start + slice.length - slice.trimStart().length;
  return [from, from + slice.trim().length];
}

/** The key, and all that stands behind it on its line. */
const TITLE_KEY = /^(["']?)title\1[ \t]*[:=][ \t]*/im;

/** Tags and anchors of YAML. */
const PROPERTIES = /^(?:[&!]\S*[ \t]+)*/u;

/** Values in quotes, of one line or, in TOML, of several; then plain values up to a comment. */
const QUOTED = [
  /^"""\s*([\s\S]*?)\s*"""/u,
  /^'''\s*([\s\S]*?)\s*'''/u,
  /^"((?:[^"\\\n]|\\.)*)"/u,
  /^'((?:[^'\n]|'')*)'/u,
];
const PLAIN = /^(?![[\]{}|>%@`~"'&*!])(\S(?:[^\n#]|(?<=\S)#)*)/u;

/** A block of YAML: its lines are indented. */
const FOLDED = /^[|>][+\-\d]*[ \t]*(?:#[^\n]*)?\n((?:[ \t]+[^\n]*(?:\n|$)|[ \t]*\n)+)/u;

/** The span of the value of `title:` or `title =` in front matter, without quotes and comments. */
function titleInFrontMatter(text: string, block: Block): Span | undefined {
  const { type, span } = block;
  const [start, end] = span;
  if (type !== "metadata") return undefined;
  const frontMatter = text.slice(start, end);
  const key = TITLE_KEY.exec(frontMatter);
  if (!key) return undefined;
  const afterKey = key.index + key[0].length;
  const at = afterKey + (PROPERTIES.exec(frontMatter.slice(afterKey))?.[0].length ?? 0);
  const rest = frontMatter.slice(at);
  const decoded = decodedValue(text, block, start + at);
  if (decoded) return readable(text, ...decoded);
  for (const pattern of [...QUOTED, FOLDED, PLAIN]) {
    const found = pattern.exec(rest);
    const value = found?.[1];
    if (!found || value === undefined) continue;
    if (pattern === PLAIN && value.trim() === "null") return undefined;
    const from = start + at + found[0].indexOf(value);
    return readable(text, from, from + value.length);
  }
  return undefined;
}

/**
 * A value in quotes whose escapes the reader has decoded: it ends at the first quote that is one in the source too. undefined where
 * nothing was decoded.
 */
function decodedValue(text: string, { runs = [] }: Block, at: number): Span | undefined {
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== "'") return undefined;
  const newline = text.indexOf("\n", at);
  const decoded = new Set<number>();
  for (const [start, length, , sourceLength, exact] of runs)
    if (!exact && sourceLength > length && start > at && start < newline) decoded.add(start);
  if (decoded.size === 0) return undefined;
  let end = text.indexOf(quote, at + 1);
  while (decoded.has(end)) end = text.indexOf(quote, end + 1);
  return end < 0 || end > newline ? undefined : [at + 1, end];
}
