import type { CharsetRules } from "../text/charset-label.ts";
import { decode } from "../text/decode.ts";
import type { MappedText } from "../text/mapped-text.ts";

export type Span = Readonly<{ start: number; end: number }>;

/** A header field by its offsets: the name, and the value without blanks around it. A value may run over lines. */
export type HeaderField = Readonly<{ name: string; nameStart: number; value: Span }>;

/** The header of an entity, where its body starts, and by which rules its charsets are understood. */
export type Header = Readonly<{ fields: readonly HeaderField[]; bodyStart: number; rules: CharsetRules }>;

/** More fields are not read. */
const MAX_FIELDS = 10_000;

/** Reads the header fields up to an empty line (RFC 5322). Lines that are no field are left out. */
export function readHeader(source: string, { start, end }: Span, rules: CharsetRules): Header {
  const fields: { name: string; nameStart: number; value: Span }[] = [];
  let at = start;
  while (at < end) {
    const newline = source.indexOf("\n", at);
    const next = newline < 0 || newline >= end ? end : newline + 1;
    const lineEnd = trimEnd(source, at, next);
    if (lineEnd === at && !isBlank(source.charAt(at))) return { fields, bodyStart: next, rules };
    const last = fields.at(-1);
    const colon = source.slice(at, Math.min(lineEnd, at + 80)).indexOf(":");
    if (isBlank(source.charAt(at))) {
      if (last) last.value = { start: last.value.start, end: Math.max(last.value.end, lineEnd) };
    } else if (colon > 0 && fields.length < MAX_FIELDS) {
      const valueStart = skipBlanks(source, at + colon + 1, lineEnd);
      const name = source
        .slice(at, at + colon)
        .trim()
        .toLowerCase();
      fields.push({ name, nameStart: at, value: { start: valueStart, end: Math.max(valueStart, lineEnd) } });
    }
    at = next;
  }
  return { fields, bodyStart: end, rules };
}

/** The value of the first field of a name on one line, encoded words decoded; "" without one. */
export function headerValue(source: string, { fields, rules }: Header, name: string): string {
  const field = fields.find((candidate) => candidate.name === name);
  if (!field) return "";
  return decodeWords(unfold(source.slice(field.value.start, field.value.end)), rules);
}

/** A value and its parameters (RFC 2045), names in lower case, with the extended and split ones of RFC 2231. */
export function parseParameters(
  text: string,
  rules: CharsetRules,
): { value: string; parameters: ReadonlyMap<string, string> } {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, plain = ""] of text.slice(0, 20_000).matchAll(PARAMETER)) {
    const [, base = "", isExtended] = /^([^*]+)(?:\*\d{1,3})?(\*)?$/.exec(name.toLowerCase()) ?? [];
    const value = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, "$1");
    const isFirst = !parameters.has(base);
    const decoded =
      isExtended === undefined ? decodeWords(value, rules) : decodePercents(value, isFirst, rules);
    parameters.set(base, (parameters.get(base) ?? "") + decoded);
  }
  const [value = ""] = text.split(";", 1);
  return { value: value.trim().toLowerCase(), parameters };
}

const PARAMETER = /;\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s"]*))/g;

/** Encoded words (RFC 2047), and the blanks between two of them that do not count. */
const ENCODED_WORD =
  /=\?([\w.:-]{1,40})(?:\*[\w-]*)?\?([BbQq])\?([^?\s]{0,1000})\?=(?:\s+(?==\?[\w.:-]+(?:\*[\w-]*)?\?[BbQq]\?[^?\s]{0,1000}\?=))?/g;

/** Appends the value of a header field on one line; words that are not encoded stay tied to the source as they stand. */
export function appendValue(
  target: MappedText,
  source: string,
  { start, end }: Span,
  rules: CharsetRules,
): void {
  const value = source.slice(start, end);
  let from = 0;
  for (const match of value.matchAll(ENCODED_WORD)) {
    appendUnfolded(target, source, start + from, start + match.index);
    const to = match.index + match[0].length;
    target.appendAs(decodeWords(match[0].trimEnd(), rules), start + match.index, start + to);
    from = to;
  }
  appendUnfolded(target, source, start + from, end);
}

function appendUnfolded(target: MappedText, source: string, start: number, end: number): void {
  let from = start;
  for (const { 0: fold, index } of source.slice(start, end).matchAll(/\r?\n[ \t]+|[\r\n]+/g)) {
    target.append(from, start + index);
    target.appendAs(" ", start + index, start + index + fold.length);
    from = start + index + fold.length;
  }
  target.append(from, end);
}

function unfold(text: string): string {
  return text.replaceAll(/\r?\n[ \t]+|[\r\n]+/g, " ");
}

function decodeWords(text: string, rules: CharsetRules): string {
  return text.replaceAll(ENCODED_WORD, (_word, charset: string, encoding: string, data: string) => {
    const bytes =
      encoding.toLowerCase() === "b"
        ? Buffer.from(data, "base64")
        : Buffer.from(decodeHex(data.replaceAll("_", " "), "="), "latin1");
    return decode(bytes, charset, rules).text.replaceAll(/[\r\n\0]+/g, " ");
  });
}

function decodePercents(value: string, isFirst: boolean, rules: CharsetRules): string {
  const [, charset = "utf-8", rest = value] = (isFirst && /^([^']*)'[^']*'(.*)$/s.exec(value)) || [];
  return decode(Buffer.from(decodeHex(rest, "%"), "latin1"), charset, rules).text;
}

function decodeHex(text: string, sign: "=" | "%"): string {
  const pattern = sign === "=" ? /=([\da-f]{2})/gi : /%([\da-f]{2})/gi;
  return text.replaceAll(pattern, (_hex, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function trimEnd(source: string, start: number, end: number): number {
  let to = end;
  while (to > start && /[\s]/.test(source.charAt(to - 1))) to -= 1;
  return to;
}

function skipBlanks(source: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(source.charAt(at))) at += 1;
  return at;
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t";
}
