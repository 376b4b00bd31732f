import { findFormat } from "../document/formats.ts";
import { parseMediaType } from "../document/media-type.ts";
import { charsetDeclaredIn } from "../document/text/declared-charset.ts";
import { decode } from "../document/text/decode.ts";
import type { Span } from "./text-parts.ts";

/** The text of an artifact, and a span of its bytes in UTF-16 units of that text. */
export type RawText = Readonly<{ text: string; span: Span | null }>;

/**
 * @param content as `GET /artifacts/:id` returns it: text, `{encoding: "base64", data}`, or JSON
 * @param bytes half-open byte range to convert
 * @returns null for bytes that are not text
 */
export function rawTextOf(content: unknown, mediaType: string, bytes: Span | null): RawText | null {
  if (typeof content === "string") {
    const units = (byte: number) => Buffer.from(content).toString("utf8", 0, byte).length;
    return { text: content, span: convert(bytes, units) };
  }
  if (!isBase64(content)) return { text: JSON.stringify(content, null, 2), span: null };
  const { essence, charset: declared } = parseMediaType(mediaType);
  if (!mediaType.startsWith("text/") && findFormat(essence)?.kind !== "text") return null;
  const raw = Buffer.from(content.data, "base64");
  const { text, charset } = decode(raw, declared ?? charsetDeclaredIn(raw, essence));
  // A prefix shorter than the byte order mark would be decoded as another charset.
  const minBytes = charset.startsWith("utf-") ? bomLength(raw) : 0;
  const units = (byte: number) => decode(raw.subarray(0, Math.max(byte, minBytes)), charset).text.length;
  return { text, span: convert(bytes, units) };
}

function convert(bytes: Span | null, units: (byte: number) => number): Span | null {
  return bytes === null ? null : [units(bytes[0]), units(bytes[1])];
}

function bomLength(raw: Uint8Array): number {
  if (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) return 3;
  return (raw[0] === 0xff && raw[1] === 0xfe) || (raw[0] === 0xfe && raw[1] === 0xff) ? 2 : 0;
}

type Base64 = Readonly<{ encoding: "base64"; data: string }>;

function isBase64(content: unknown): content is Base64 {
  return (
    typeof content === "object" && content !== null && "encoding" in content && content.encoding === "base64"
  );
}
