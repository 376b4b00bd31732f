import { findFormat } from "../document/formats.ts";
import { parseMediaType } from "../document/media-type.ts";
import { charsetOfLabel } from "../document/text/charset-label.ts";
import { charsetDeclaredIn } from "../document/text/declared-charset.ts";
import { decode, STATEFUL } from "../document/text/decode.ts";
import type { Span } from "./text-parts.ts";

/** The text of an artifact, and a span of its bytes in UTF-16 units of that text. */
export type RawText = Readonly<{ text: string; span: Span | null }>;

/**
 * @param mark half-open byte range to convert
 * @returns null for bytes that are not text
 */
export function rawTextOf(bytes: Uint8Array, mediaType: string, mark: Span | null): RawText | null {
  const { essence, charset: declared } = parseMediaType(mediaType);
  const label = declared ?? charsetDeclaredIn(bytes, essence);
  const isStateful = charsetOfLabel(label ?? "", bytes) === STATEFUL;
  const utf8 = isStateful ? null : decodeUtf8(bytes);
  if (utf8 !== null) {
    const units = (byte: number) => Buffer.from(bytes.subarray(0, byte)).toString().length;
    return { text: utf8, span: convert(mark, units) };
  }
  if (!mediaType.startsWith("text/") && findFormat(essence)?.kind !== "text") return null;
  const { text, charset } = decode(bytes, label);
  // A prefix shorter than the byte order mark would be decoded as another charset.
  const minBytes = charset.startsWith("utf-") ? bomLength(bytes) : 0;
  const units = (byte: number) => decode(bytes.subarray(0, Math.max(byte, minBytes)), charset).text.length;
  return { text, span: convert(mark, units) };
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function convert(bytes: Span | null, units: (byte: number) => number): Span | null {
  return bytes === null ? null : [units(bytes[0]), units(bytes[1])];
}

function bomLength(raw: Uint8Array): number {
  if (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) return 3;
  return (raw[0] === 0xff && raw[1] === 0xfe) || (raw[0] === 0xfe && raw[1] === 0xff) ? 2 : 0;
}
