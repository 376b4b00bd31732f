import { MappedText } from "../text/mapped-text.ts";
import { decodeReferences } from "./inline.ts";

/** A piece of HTML by its offsets: text between tags, a tag with its lower-case name, or what is never shown. */
type Piece = { start: number; end: number } & (
  | { kind: "text" | "comment" }
  | { kind: "tag"; name: string; isEnd: boolean }
);

/** Constructs other than tags that begin with `<`, and how they end. Without its end each goes on to the end of the HTML. */
const MARKUP_ENDS = [
  ["<!--", "-->"],
  ["<?", "?>"],
  ["<![CDATA[", "]]>"],
  ["<!", ">"],
] as const;

const TAG_NAME = /<(\/?)([a-z][a-z\d-]*)(?=[\s/>])/iy;

/** A longer tag is text; this keeps the search for its end linear. */
const MAX_TAG_UNITS = 4096;

/** Elements that begin and end a line of their own. */
const BLOCK_ELEMENTS = new Set(
  (
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 " +
    "h3 h4 h5 h6 head header hr html legend li main nav ol p pre section summary table tbody tfoot thead title tr ul"
  ).split(" "),
);

/** Elements whose text no browser shows. */
const SILENT_ELEMENTS = new Set(["script", "style", "template"]);

const ALT = /\salt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))/iu;

const WORDS = /\s+|&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});|[^\s&]+|&/giu;

/** What is read from a block of raw HTML. */
export type HtmlText = {
  content: MappedText;
  /** There is nothing but comments in it. */
  isComment: boolean;
  /** Of the heading element that opens before any text. */
  headingLevel?: number;
};

/**
 * Reads what raw HTML says: the text between tags with its entities decoded, a line for each block element and `<br>`,
 * the `alt` of images. Tags, comments, scripts and styles say nothing.
 */
export function readHtml(html: MappedText, source: string): HtmlText {
  const content = new MappedText(source);
  const result: HtmlText = { content, isComment: true };
  let silent: string | undefined;
  for (const piece of piecesOf(html.text)) {
    const isBlank = piece.kind === "text" && html.text.slice(piece.start, piece.end).trim() === "";
    if (piece.kind !== "comment" && !isBlank) result.isComment = false;
    if (silent !== undefined) {
      if (piece.kind === "tag" && piece.isEnd && piece.name === silent) silent = undefined;
    } else if (piece.kind === "text") {
      appendText(content, html, piece);
    } else if (piece.kind === "tag") {
      const level = /^h([1-6])$/.exec(piece.name)?.[1];
      if (level !== undefined && !piece.isEnd && content.isBlank) result.headingLevel = Number(level);
      appendTag(content, html, piece);
      if (!piece.isEnd && SILENT_ELEMENTS.has(piece.name)) silent = piece.name;
    }
  }
  return result;
}

/** Appends what an inline tag says: a line break for `<br>`, the `alt` of an image, and otherwise nothing. */
export function appendTag(
  target: MappedText,
  html: MappedText,
  { start, end, name }: { start: number; end: number; name: string },
): void {
  const place = html.sourceOf(start, end);
  if (name === "img") {
    const [, ...values] = ALT.exec(html.text.slice(start, end)) ?? [];
    const alt = decodeReferences(values.find((value) => value !== undefined) ?? "").trim();
    if (alt !== "") target.appendAs(alt, place.start, place.end);
  } else if (name === "br" || BLOCK_ELEMENTS.has(name)) {
    if (!target.isEmpty && !target.text.endsWith("\n")) target.appendAs("\n", place.start, place.end);
  } else if (name === "td" || name === "th") {
    if (!target.isEmpty && !/[\n\t]$/.test(target.text)) target.appendAs("\t", place.start, place.end);
  }
}

/** Blanks count once, as in a browser; a line ending is kept as one. */
function appendText(
  target: MappedText,
  html: MappedText,
  { start, end }: { start: number; end: number },
): void {
  for (const { 0: part, index } of html.text.slice(start, end).matchAll(WORDS)) {
    const [from, to] = [start + index, start + index + part.length];
    const place = html.sourceOf(from, to);
    if (/^\s/u.test(part)) {
      const isAfterBlank = target.isEmpty || /[ \n\t]$/.test(target.text);
      if (!isAfterBlank) target.appendAs(part.includes("\n") ? "\n" : " ", place.start, place.end);
    } else if (part.startsWith("&") && part.length > 1) {
      target.appendAs(decodeReferences(part), place.start, place.end);
    } else {
      target.concat(html.slice(from, to));
    }
  }
}

function* piecesOf(html: string): Generator<Piece> {
  let from = 0;
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at)) {
    const piece = pieceAt(html, at);
    if (!piece) {
      at += 1;
      continue;
    }
    if (at > from) yield { kind: "text", start: from, end: at };
    yield piece;
    from = piece.end;
    at = piece.end;
  }
  if (from < html.length) yield { kind: "text", start: from, end: html.length };
}

function pieceAt(html: string, start: number): Piece | undefined {
  for (const [opening, closing] of MARKUP_ENDS) {
    if (!html.startsWith(opening, start)) continue;
    const end = html.indexOf(closing, start + opening.length);
    return { kind: "comment", start, end: end < 0 ? html.length : end + closing.length };
  }
  TAG_NAME.lastIndex = start;
  const [, slash, name] = TAG_NAME.exec(html) ?? [];
  const end = name === undefined ? undefined : endOfTag(html, start + name.length + 1);
  if (name === undefined || end === undefined) return undefined;
  return { kind: "tag", name: name.toLowerCase(), isEnd: slash === "/", start, end };
}

/** After the `>` that is in no quotes. */
function endOfTag(html: string, from: number): number | undefined {
  let quote: string | undefined;
  for (let at = from; at < Math.min(html.length, from + MAX_TAG_UNITS); at += 1) {
    const character = html.charAt(at);
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at + 1;
  }
  return undefined;
}
