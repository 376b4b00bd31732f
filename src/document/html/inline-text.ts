import type { ParsedMark } from "../reader.ts";
import type { Link } from "../schema.ts";
import { MappedText } from "../text/mapped-text.ts";

const BLANKS = "[ \\t\\n\\f\\r]";
/** Words with single blanks between them, or a row of blanks. */
const WORDS = new RegExp(`${BLANKS}+|[^ \\t\\n\\f\\r]+(?: [^ \\t\\n\\f\\r]+)*`, "g");

/** What a piece of text can be made of where it differs from its source. */
const PIECES = /&(?:#[xX]?[\da-fA-F]*|[\da-zA-Z]*);?|\r\n?|[^&\r]+/g;

type Place = { start: number; end: number };
/** A link is carried on where its element began in an earlier block. */
type OpenLink = { target: string; from: number; isCarried: boolean };
type MarkKind = Exclude<ParsedMark["kind"], "footnote_reference">;
type Reference = ParsedMark & { kind: "footnote_reference" };
/** How many elements of one kind are open in each other, and where the text in them starts, -1 before there is any. */
type OpenMark = { depth: number; from: number };

/**
 * The text of one block as a browser lays it out: white space counts once and never at either end. Blanks and line breaks
 * wait until more text comes.
 */
export class InlineText {
  readonly content: MappedText;
  readonly links: Link[] = [];
  readonly marks: ParsedMark[] = [];
  hasImage = false;
  hasText = false;
  readonly #source: string;
  #waiting: (Place & { text: " " | "\n" }) | undefined;
  #openLinks: OpenLink[] = [];
  readonly #openMarks = new Map<MarkKind, OpenMark>();
  /** Where the last link ends in the text. */
  #linkEnd = -1;

  constructor(source: string) {
    this.#source = source;
    this.content = new MappedText(source);
  }

  /** Appends what the source has from `start` to `end`; `value` is that text as the parser decoded it. */
  append(value: string, place: Place): void {
    for (const piece of piecesOf(value, this.#source, place)) {
      if (piece.text === undefined) this.#appendWords(piece);
      else if (/^[ \t\n\f\r]*$/.test(piece.text)) this.blank(piece);
      else this.#put(() => this.content.appendAs(piece.text ?? "", piece.start, piece.end));
    }
  }

  /** Appends text with its blanks and line endings, as in `pre`. */
  appendVerbatim(value: string, place: Place): void {
    this.hasText ||= value.trim() !== "";
    for (const { text, start, end } of piecesOf(value, this.#source, place)) {
      if (text === undefined) this.content.append(start, end);
      else this.content.appendAs(text, start, end);
    }
  }

  /** Appends text that stands in an attribute of the tag at `place`. */
  appendAttribute(value: string, place: Place): void {
    const text = value.replaceAll(/[ \t\n\f\r]+/g, " ").trim();
    if (text !== "") this.#put(() => this.content.appendAs(text, place.start, place.end));
  }

  /** The image of the tag at `place`: its alternative text. */
  appendImage(alternative: string, target: string, place: Place): void {
    const hadText = this.hasText;
    this.appendAttribute(alternative, place);
    if (alternative.trim() === "") return;
    this.hasText = hadText;
    this.hasImage = true;
    const end = this.content.text.length;
    const length = alternative.replaceAll(/[ \t\n\f\r]+/g, " ").trim().length;
    if (isShown(target)) this.links.push({ kind: "image", span: [end - length, end], target });
  }

  blank({ start, end }: Place): void {
    if (!this.content.isEmpty) this.#waiting ??= { text: " ", start, end };
  }

  lineBreak({ start, end }: Place): void {
    if (!this.content.isEmpty) this.#waiting = { text: "\n", start, end };
  }

  openLink(target: string, isCarried = false): void {
    this.#openLinks.push({ target, from: -1, isCarried });
  }

  /** Returns the reference to a footnote that the link is, if it is to be one and has words. */
  closeLink(isReference = false): Reference | undefined {
    const link = this.#openLinks.pop();
    if (link) this.#addLink(link);
    this.#linkEnd = this.content.text.length;
    if (!link || !isReference || link.from < 0 || link.from === this.#linkEnd) return undefined;
    const label = this.content.text.slice(link.from, this.#linkEnd);
    const reference: Reference = { kind: "footnote_reference", span: [link.from, this.#linkEnd], label };
    this.marks.push(reference);
    return reference;
  }

  /** Elements of one kind in each other are one mark. */
  openMark(kind: MarkKind, depth = 1): void {
    const open = this.#openMarks.get(kind);
    if (open) open.depth += depth;
    else this.#openMarks.set(kind, { depth, from: -1 });
  }

  closeMark(kind: MarkKind): void {
    const open = this.#openMarks.get(kind);
    if (!open) return;
    open.depth -= 1;
    if (open.depth > 0) return;
    this.#openMarks.delete(kind);
    this.#addMark(kind, open);
  }

  /** Ends the block inside open marks: what is returned goes on in the next one. */
  suspendMarks(): readonly (readonly [MarkKind, OpenMark])[] {
    const open = [...this.#openMarks];
    for (const [kind, mark] of open) this.#addMark(kind, mark);
    this.#openMarks.clear();
    return open;
  }

  /** Menus have links with nothing between them but a style: the words of two links are two words. */
  separateLinks(place: Place): void {
    if (this.content.text.length === this.#linkEnd) this.blank(place);
  }

  /**
   * Ends the block inside open links: what is returned goes on in the next one. Of links in each other that are carried through
   * the block only the innermost is one of it, so that there are no more links than elements and blocks.
   */
  suspendLinks(): string[] {
    const open = this.#openLinks;
    const innermost = open.findLast(({ isCarried }) => isCarried);
    const isCovered = open.some(({ isCarried, from }) => !isCarried && from === innermost?.from);
    for (const link of open.toReversed())
      if (!link.isCarried || (link === innermost && !isCovered)) this.#addLink(link);
    this.#openLinks = [];
    return open.map(({ target }) => target);
  }

  #appendWords({ start, end }: Place): void {
    for (const { 0: part, index } of this.#source.slice(start, end).matchAll(WORDS)) {
      const place = { start: start + index, end: start + index + part.length };
      if (/^[ \t\n\f\r]/.test(part)) this.blank(place);
      else this.#put(() => this.content.append(place.start, place.end));
    }
  }

  #put(append: () => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.content.appendAs(waiting.text, waiting.start, waiting.end);
    for (const link of this.#openLinks) if (link.from < 0) link.from = this.content.text.length;
    for (const mark of this.#openMarks.values()) if (mark.from < 0) mark.from = this.content.text.length;
    this.hasText = true;
    append();
  }

  #addMark(kind: MarkKind, { from }: OpenMark): void {
    const end = this.content.text.length;
    if (from >= 0 && end > from) this.marks.push({ kind, span: [from, end] });
  }

  #addLink({ target, from }: OpenLink): void {
    const end = this.content.text.length;
    if (from >= 0 && end > from && isShown(target))
      this.links.push({ kind: "link", span: [from, end], target });
  }
}

const MAX_TARGET_UNITS = 4_096;

/** Not what carries its content in the address. */
function isShown(target: string): boolean {
  return target.length <= MAX_TARGET_UNITS && !/^\s*data:/i.test(target);
}

type Piece = Place & {
  /** What stands for the piece; undefined where it stands for itself. */
  text?: string;
};

/**
 * Ties decoded text to its source piece by piece. The parts between character references are the same in both, so with one
 * reference its text is what remains; otherwise references are single pieces only if all others are found in place.
 */
function piecesOf(value: string, source: string, { start, end }: Place): Piece[] {
  if (value.length === end - start && source.startsWith(value, start)) return [{ start, end }];
  const parts = [...source.slice(start, end).matchAll(PIECES)];
  const decoded = parts.filter(([part]) => part.startsWith("&") || part.startsWith("\r"));
  const [only] = decoded;
  if (only === undefined || decoded.length > 1) return [{ start, end, text: value }];
  const before = only.index;
  const after = end - start - before - only[0].length;
  const text = value.slice(before, value.length - after);
  const isAligned =
    before + after <= value.length &&
    source.startsWith(value.slice(0, before), start) &&
    source.startsWith(value.slice(value.length - after), end - after);
  if (!isAligned) return [{ start, end, text: value }];
  return [
    { start, end: start + before },
    { start: start + before, end: end - after, text },
    { start: end - after, end },
  ].filter((piece) => piece.end > piece.start);
}
