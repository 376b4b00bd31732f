import type { CharsetRules } from "../text/charset-label.ts";
import { type Decoded, decode } from "../text/decode.ts";
import { MappedText } from "../text/mapped-text.ts";
import type { Span } from "./headers.ts";
import type { Part } from "./parts.ts";

/** Charsets in which a byte below 0x80 may be a part of another character. */
const MULTI_BYTE = /^(?:shift_?jis|sjis|windows-31j|cp932|gb|big5|euc|iso-2022|hz|utf-?(?:16|32))/i;

/** The text of a part, tied to the source of the mail. Every line ends as "\n". */
export function decodePart(
  source: string,
  { body, encoding, charset = "utf-8", header: { rules } }: Part,
): MappedText {
  if (encoding === "base64") return decodeBase64(source, body, charset, rules);
  if (encoding === "quoted-printable")
    return MULTI_BYTE.test(charset)
      ? decodeQuotedBytes(source, body, charset, rules)
      : decodeQuotedPrintable(source, body, charset, rules);
  const text = new MappedText(source);
  appendLines(text, source, body);
  return text;
}

/** How many bytes the content of a part has. */
export function sizeOf(source: string, { body, encoding }: Part): number {
  const text = source.slice(body.start, body.end);
  if (encoding !== "base64") return Buffer.byteLength(text);
  return Buffer.from(text, "base64").length;
}

function appendLines(target: MappedText, source: string, { start, end }: Span): void {
  let from = start;
  for (const { 0: newline, index } of source.slice(start, end).matchAll(/\r\n?/g)) {
    target.append(from, start + index);
    target.appendAs("\n", start + index, start + index + newline.length);
    from = start + index + newline.length;
  }
  target.append(from, end);
}

/** Encoded bytes, also over soft line breaks; a soft line break; a line ending; text; a sign that encodes nothing. */
const QUOTED =
  /(?:=[\da-fA-F]{2})+(?:=[ \t]*\r?\n(?:=[\da-fA-F]{2})+)*|=[ \t]*(?:\r?\n|$)|[ \t]*\r?\n|[^=\r\n]*[^=\r\n \t]|[^=\r\n]+|=|\r/g;

function decodeQuotedPrintable(
  source: string,
  { start, end }: Span,
  charset: string,
  rules: CharsetRules,
): MappedText {
  const text = new MappedText(source);
  for (const { 0: piece, index } of source.slice(start, end).matchAll(QUOTED)) {
    const [from, to] = [start + index, start + index + piece.length];
    if (/^=[\da-fA-F]{2}/.test(piece))
      text.appendAs(normalizeNewlines(decode(bytesIn(piece), charset, rules).text), from, to);
    else if (/^[ \t]*\r?\n$/.test(piece)) text.appendAs("\n", from, to);
    else if (!/^=[ \t]*(?:\r?\n)?$/.test(piece) || piece === "=") text.append(from, to);
  }
  return text;
}

function bytesIn(encoded: string): Buffer {
  return Buffer.from(encoded.replaceAll(/=[ \t]*\r?\n|=/g, ""), "hex");
}

/** For charsets whose characters mix encoded and plain bytes. */
function decodeQuotedBytes(
  source: string,
  { start, end }: Span,
  charset: string,
  rules: CharsetRules,
): MappedText {
  const bytes: number[] = [];
  const places: number[] = [];
  for (const { 0: piece, index } of source
    .slice(start, end)
    .matchAll(/=[\da-fA-F]{2}|=[ \t]*\r?\n|[\s\S]/g)) {
    if (piece.length > 1 && !/^=[\da-fA-F]/.test(piece)) continue;
    bytes.push(piece.length > 1 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0) & 0xff);
    places.push(start + index);
  }
  return byLines(source, decode(Buffer.from(bytes), charset, rules), (byte) => places[byte] ?? end);
}

function decodeBase64(
  source: string,
  { start, end }: Span,
  charset: string,
  rules: CharsetRules,
): MappedText {
  const encoded = source.slice(start, end);
  /** Lines of the encoding: the number of its first digit, and its place. */
  const lines: { digit: number; at: number }[] = [];
  let digits = 0;
  for (const { 0: line, index } of encoded.matchAll(/[\w+/=-]+/g)) {
    lines.push({ digit: digits, at: start + index });
    digits += line.length;
  }
  const placeOf = (byte: number) => {
    const digit = Math.floor((byte * 4) / 3);
    let [low, high] = [0, lines.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.digit ?? 0) <= digit) low = middle;
      else high = middle;
    }
    const line = lines[low];
    return line ? Math.min(end, line.at + digit - line.digit) : end;
  };
  return byLines(source, decode(Buffer.from(encoded, "base64"), charset, rules), placeOf);
}

/** Decodes bytes and ties each line of the text to the part of the source that its bytes come from. */
function byLines(source: string, decoded: Decoded, placeOf: (byte: number) => number): MappedText {
  const text = new MappedText(source);
  const ends = [...decoded.text.matchAll(/\r\n?|\n|$/g)].map(
    ({ 0: newline, index }) => index + newline.length,
  );
  const offsets = decoded.toByteOffsets(ends);
  let from = 0;
  let place = placeOf(decoded.toByteOffsets([0])[0] ?? 0);
  for (const [index, end] of ends.entries()) {
    const next = placeOf(offsets[index] ?? 0);
    text.appendAs(normalizeNewlines(decoded.text.slice(from, end)), place, Math.max(place, next));
    from = end;
    place = Math.max(place, next);
  }
  return text;
}

function normalizeNewlines(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
}
