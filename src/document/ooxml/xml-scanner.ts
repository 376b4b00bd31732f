import { RunFailure } from "../../failure.ts";
import { readReferences } from "./xml-references.ts";

/** Attributes by their names in the file. */
export type RawAttributes = Readonly<Record<string, string>>;

/** What the scanner tells. Offsets count UTF-16 units of the whole text. */
export type XmlHandler = Readonly<{
  /** `start` is the offset of the tag. `hasNamespaces`: an attribute declares a namespace. */
  open(name: string, attributes: RawAttributes, start: number, hasNamespaces: boolean): void;
  /** `end` is the offset behind the closing tag. */
  close(end: number): void;
  /** The characters between two tags, never empty. */
  text(text: string): void;
}>;

const TAB = 0x09;
const LF = 0x0a;
const SPACE = 0x20;
const EXCLAMATION = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

const NAME_START =
  ":A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}";
const NAME = new RegExp(
  `^[${NAME_START}][${NAME_START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}]*$`,
  "u",
);

/** Characters that a document may not have, not even as a reference. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
const DISALLOWED = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

const DECLARATION =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(["'])1\.\d+\1(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(["'])[A-Za-z][A-Za-z0-9._-]*\2)?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(["'])(?:yes|no)\3)?[ \t\n]*\?>$/;

/** Objects below this one have no inherited names, and are as fast as any. */
const WITHOUT_NAMES: object = Object.create(null);
const NO_ATTRIBUTES: RawAttributes = Object.freeze(createAttributes());

function createAttributes(): Record<string, string> {
  return Object.create(WITHOUT_NAMES);
}

/**
 * Scans XML 1.0, given as its decoded text in slices, and tells `handler` what it holds. Line endings are one newline each, as XML
 * asks. Comments and processing instructions are left out. A document type is refused, so no entity is ever declared.
 * Throws RunFailure FAILED_CORRUPT for what is not well-formed. What `handler` throws ends the scan.
 */
export function scanXml(slices: Iterable<string>, handler: XmlHandler): void {
  new XmlScanner(slices[Symbol.iterator](), handler).scan();
}

class XmlScanner {
  readonly #slices: Iterator<string>;
  readonly #handler: XmlHandler;
  /** What is not scanned yet begins at `#at`; the text begins at `#base` of the whole. */
  #text = "";
  #at = 0;
  #base = 0;
  #isLast = false;
  /** Of the text: it has references or the end of a CDATA section, so each piece of it is looked at. */
  #hasSpecial = false;
  #hasReturns = false;
  /** The names of the open elements. */
  readonly #open: string[] = [];
  #hasRoot = false;
  /** Of the tag that is being read. */
  #attributes: RawAttributes = NO_ATTRIBUTES;
  #hasNamespaces = false;
  readonly #knownNames = new Set<string>();

  constructor(slices: Iterator<string>, handler: XmlHandler) {
    this.#slices = slices;
    this.#handler = handler;
  }

  scan(): void {
    this.#readMore();
    for (;;) {
      const start = this.#findMarkup();
      if (start < 0) break;
      if (start > this.#at) this.#takeText(start);
      while (!this.#takeMarkup()) if (!this.#readMore()) throw corrupt();
    }
    if (this.#at < this.#text.length) this.#takeText(this.#text.length);
    if (!this.#hasRoot || this.#open.length > 0) throw corrupt();
  }

  /** The offset in the text of the next "<", reading as far as it takes; -1 where there is none up to the end. */
  #findMarkup(): number {
    let searched = 0;
    for (;;) {
      const found = this.#text.indexOf("<", this.#at + searched);
      if (found >= 0) return found;
      searched = this.#text.length - this.#at;
      if (!this.#readMore()) return -1;
    }
  }

  /** Drops what is scanned, and at least doubles the rest, so that a long tag is not copied again and again. False at the end. */
  #readMore(): boolean {
    if (this.#isLast) return false;
    const rest = this.#text.slice(this.#at);
    this.#base += this.#at;
    this.#at = 0;
    const parts = [rest];
    let length = 0;
    while (length <= rest.length || parts.at(-1)?.endsWith("\r")) {
      const { value, done } = this.#slices.next();
      if (done) {
        this.#isLast = true;
        break;
      }
      if (DISALLOWED.test(value) || !value.isWellFormed()) throw corrupt();
      parts.push(value);
      length += value.length;
    }
    this.#text = parts.join("");
    this.#hasSpecial = this.#text.includes("&") || this.#text.includes("]]>");
    this.#hasReturns = this.#text.includes("\r");
    return length > 0;
  }

  #takeText(end: number): void {
    if (this.#open.length > 0) this.#handler.text(this.#characters(this.#at, end));
    else if (!isBlank(this.#text, this.#at, end)) throw corrupt();
    this.#at = end;
  }

  #characters(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    const lines = this.#hasReturns ? raw.replace(/\r\n?/g, "\n") : raw;
    if (!this.#hasSpecial) return lines;
    if (lines.includes("]]>")) throw corrupt();
    return readReferences(lines);
  }

  /** Takes the tag, comment, section or instruction that starts here. False when the text ends within it. */
  #takeMarkup(): boolean {
    const start = this.#at;
    const code = this.#text.charCodeAt(start + 1);
    if (code === SLASH) return this.#takeClosingTag(start);
    if (code === EXCLAMATION) return this.#takeDeclaration(start);
    if (code === QUESTION) return this.#takeInstruction(start);
    return start + 1 < this.#text.length && this.#takeOpeningTag(start);
  }

  #takeClosingTag(start: number): boolean {
    const text = this.#text;
    const name = this.#open.at(-1);
    const end = text.indexOf(">", start);
    if (end < 0) return false;
    if (name === undefined || !text.startsWith(name, start + 2)) throw corrupt();
    if (!isBlank(text, start + 2 + name.length, end)) throw corrupt();
    this.#open.pop();
    this.#at = end + 1;
    this.#handler.close(this.#base + this.#at);
    return true;
  }

  #takeOpeningTag(start: number): boolean {
    const text = this.#text;
    const nameEnd = this.#endOfName(start + 1);
    if (nameEnd >= text.length) return false;
    const name = this.#nameAt(start + 1, nameEnd);
    const end = this.#takeAttributes(nameEnd);
    if (end < 0) return false;
    const isEmpty = text.charCodeAt(end) === SLASH;
    if (isEmpty && end + 1 >= text.length) return false;
    if (isEmpty && text.charCodeAt(end + 1) !== GREATER) throw corrupt();
    if (this.#open.length === 0 && this.#hasRoot) throw corrupt();
    this.#hasRoot = true;
    this.#at = end + (isEmpty ? 2 : 1);
    // Version 1 of the recipes counts the first of these two characters as part of the name.
    const shift = text.startsWith("\r\n", nameEnd) ? 1 : 0;
    this.#handler.open(name, this.#attributes, this.#base + start + shift, this.#hasNamespaces);
    if (isEmpty) this.#handler.close(this.#base + this.#at);
    else this.#open.push(name);
    return true;
  }

  /** Reads attributes up to the end of the tag, and returns the offset of its ">" or "/"; -1 when the text ends before. */
  #takeAttributes(from: number): number {
    const text = this.#text;
    let attributes: Record<string, string> | undefined;
    this.#attributes = NO_ATTRIBUTES;
    this.#hasNamespaces = false;
    for (let at = from; ; ) {
      const start = skipBlanks(text, at);
      const code = text.charCodeAt(start);
      if (code === GREATER || code === SLASH) return start;
      const end = this.#endOfName(start);
      const equals = skipBlanks(text, end);
      const value = skipBlanks(text, equals + 1);
      if (value >= text.length) return -1;
      const quote = text.charCodeAt(value);
      if (start === at || text.charCodeAt(equals) !== EQUALS) throw corrupt();
      if (quote !== QUOTE && quote !== APOSTROPHE) throw corrupt();
      const valueEnd = text.indexOf(quote === QUOTE ? '"' : "'", value + 1);
      if (valueEnd < 0) return -1;
      const name = this.#nameAt(start, end);
      if (attributes === undefined) this.#attributes = attributes = createAttributes();
      if (attributes[name] !== undefined) throw corrupt();
      attributes[name] = this.#attributeValue(value + 1, valueEnd);
      if (name.startsWith("xmlns")) this.#hasNamespaces = true;
      at = valueEnd + 1;
    }
  }

  #attributeValue(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    if (raw.includes("<")) throw corrupt();
    const isPlain = !this.#hasSpecial && !this.#hasReturns;
    if (isPlain && !raw.includes("\n") && !raw.includes("\t")) return raw;
    return readReferences(raw.replace(/\r\n|[\r\n\t]/g, " "));
  }

  #endOfName(start: number): number {
    const text = this.#text;
    let end = start;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code <= SPACE || code === GREATER || code === EQUALS || code === SLASH) break;
    }
    return end;
  }

  #nameAt(start: number, end: number): string {
    const name = this.#text.slice(start, end);
    if (this.#knownNames.has(name)) return name;
    if (!NAME.test(name)) throw corrupt();
    this.#knownNames.add(name);
    return name;
  }

  /** A comment or a CDATA section; a document type is refused. */
  #takeDeclaration(start: number): boolean {
    const text = this.#text;
    if (text.startsWith("<!--", start)) {
      const end = text.indexOf("--", start + 4);
      if (end < 0 || end + 2 >= text.length) return false;
      if (text.charCodeAt(end + 2) !== GREATER) throw corrupt();
      this.#at = end + 3;
      return true;
    }
    if (text.startsWith("<![CDATA[", start)) {
      const end = text.indexOf("]]>", start + 9);
      if (end < 0) return false;
      if (this.#open.length === 0) throw corrupt();
      if (end > start + 9) this.#handler.text(text.slice(start + 9, end).replace(/\r\n?/g, "\n"));
      this.#at = end + 3;
      return true;
    }
    if (text.length - start >= "<![CDATA[".length) throw corrupt();
    return false;
  }

  #takeInstruction(start: number): boolean {
    const end = this.#text.indexOf("?>", start + 2);
    if (end < 0) return false;
    const instruction = this.#text.slice(start, end + 2).replace(/\r\n?/g, "\n");
    const [, target = ""] = /^<\?([^ \t\n?]*)/.exec(instruction) ?? [];
    const isAtStart = this.#base + start === 0;
    const isSound = target === "xml" ? isAtStart && DECLARATION.test(instruction) : NAME.test(target);
    if (!isSound || (target !== "xml" && target.toLowerCase() === "xml")) throw corrupt();
    this.#at = end + 2;
    return true;
  }
}

function isBlankCode(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === 0x0d;
}

function isBlank(text: string, start: number, end: number): boolean {
  return skipBlanks(text, start) >= end;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && isBlankCode(text.charCodeAt(at))) at += 1;
  return at;
}

function corrupt(): RunFailure {
  return new RunFailure("FAILED_CORRUPT");
}
