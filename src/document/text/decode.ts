import iconv from "iconv-lite";
import type { DocIR } from "../schema.ts";
import { type CharsetRules, charsetOfLabel } from "./charset-label.ts";
import { decodeIso2022Jp, iso2022JpOffsets, isSevenBit } from "./iso-2022-jp.ts";
import { utf8StepAt } from "./utf8.ts";

type SourceFacts = Pick<DocIR["source"], "charset" | "charsetBy" | "bom" | "newline">;

/** `text` is the decoded source without its BOM and without lone surrogates; offsets into it count UTF-16 units. */
export type Decoded = SourceFacts & {
  text: string;
  /** A charset is declared that nobody knows, or that is never read, and no BOM tells another one. */
  isDeclaredUnknown: boolean;
  /** Where these offsets into `text` lie in the raw bytes. Takes ascending offsets, costs one pass over the bytes. */
  toByteOffsets: (ascending: readonly number[]) => number[];
};

type Charset = Pick<SourceFacts, "charset" | "charsetBy"> & { bomBytes: number; isDeclaredUnknown: boolean };

/** UTF-32 comes first, because its little-endian mark begins like that of UTF-16. */
const BOMS = [
  { charset: "utf-32le", bytes: [0xff, 0xfe, 0x00, 0x00] },
  { charset: "utf-32be", bytes: [0x00, 0x00, 0xfe, 0xff] },
  { charset: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { charset: "utf-16le", bytes: [0xff, 0xfe] },
  { charset: "utf-16be", bytes: [0xfe, 0xff] },
] as const;

const FALLBACK = "windows-1252";

/** A text in this charset has only bytes below 0x80, so they are valid UTF-8 too, of another text. */
export const STATEFUL = "iso-2022-jp";

/**
 * Decodes text by its BOM, else as a declared UTF-16, UTF-32 or ISO-2022-JP, else as strict UTF-8, else as declared, else as windows-1252,
 * which takes any bytes; so it never fails. Bytes that are not UTF-8 where a BOM or a declaration says so become U+FFFD.
 * iconv-lite decodes everything but UTF-8, because the TextDecoders of Node and Bun differ there.
 */
export function decode(bytes: Uint8Array, declaredCharset?: string, rules: CharsetRules = 2): Decoded {
  const { bomBytes, charset, charsetBy, isDeclaredUnknown } = chooseCharset(bytes, declaredCharset, rules);
  const body = bytes.subarray(bomBytes);
  const text = (
    charset === "utf-8" ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(body) : decodeBy(charset, body)
  ).toWellFormed();
  return {
    text,
    charset,
    charsetBy,
    bom: bomBytes > 0,
    newline: newlineOf(text),
    isDeclaredUnknown,
    toByteOffsets: (ascending) => toByteOffsets({ body, charset, text, base: bomBytes }, ascending),
  };
}

function chooseCharset(bytes: Uint8Array, declared: string | undefined, rules: CharsetRules): Charset {
  const bom = BOMS.find((candidate) => candidate.bytes.every((byte, index) => bytes[index] === byte));
  if (bom)
    return { charset: bom.charset, charsetBy: "bom", bomBytes: bom.bytes.length, isDeclaredUnknown: false };
  const charset = charsetOfLabel(declared ?? "", bytes, rules);
  const isDeclaredUnknown = charset === undefined && (declared ?? "").trim() !== "";
  const chosen = { bomBytes: 0, isDeclaredUnknown };
  // The bytes of these are valid UTF-8 too, so they come before the attempt at it.
  const isWide = charset !== undefined && /^utf-(?:16|32)/.test(charset);
  const isStateful = charset === STATEFUL && isSevenBit(bytes);
  if (!isWide && !isStateful && isUtf8(bytes)) return { ...chosen, charset: "utf-8", charsetBy: "utf8" };
  if (charset !== undefined && (charset !== STATEFUL || isStateful))
    return { ...chosen, charset, charsetBy: "declared" };
  return { ...chosen, charset: FALLBACK, charsetBy: "fallback" };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function decodeBy(charset: string, body: Uint8Array): string {
  if (charset === STATEFUL) return decodeIso2022Jp(body);
  return iconv.decode(Buffer.from(body.buffer, body.byteOffset, body.byteLength), charset, {
    stripBOM: false,
  });
}

function newlineOf(text: string): SourceFacts["newline"] {
  const found = new Set<string>();
  for (const [newline] of text.matchAll(/\r\n?|\n/g)) {
    found.add(newline);
    if (found.size > 1) return "mixed";
  }
  if (found.has("\n")) return "lf";
  if (found.has("\r\n")) return "crlf";
  return found.has("\r") ? "cr" : "none";
}

type ByteSource = { body: Uint8Array; charset: string; text: string; base: number };

function toByteOffsets(source: ByteSource, ascending: readonly number[]): number[] {
  if (source.charset === "utf-8") return walk(ascending, source, (byte) => utf8StepAt(source.body, byte));
  if (source.charset === STATEFUL)
    return iso2022JpOffsets(source.body, ascending).map((offset) => source.base + offset);
  if (source.text.length === source.body.length) return ascending.map((offset) => source.base + offset);
  return walk(ascending, source, decoderStep(source));
}

/** Moves one step on from a byte position and tells how many bytes and UTF-16 units the step has passed. */
type Step = (byte: number, unit: number) => readonly [bytes: number, units: number];

function walk(ascending: readonly number[], source: ByteSource, step: Step): number[] {
  const result: number[] = [];
  let byte = 0;
  let unit = 0;
  for (const offset of ascending) {
    while (unit < offset && byte < source.body.length) {
      const [bytes, units] = step(byte, unit);
      byte += bytes;
      unit += units;
    }
    result.push(source.base + byte);
  }
  return result;
}

/** For charsets of several bytes: a streaming decoder, fed byte by byte, says itself where each character ends. */
function decoderStep({ body, charset }: ByteSource): Step {
  const decoder = iconv.getDecoder(charset, { stripBOM: false });
  return (byte) => [1, decoder.write(Buffer.from(body.subarray(byte, byte + 1)))?.length ?? 0];
}
