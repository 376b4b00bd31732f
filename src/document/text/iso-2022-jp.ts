import iconv from "iconv-lite";

/**
 * Text in ISO-2022-JP (WHATWG Encoding Standard, 12.2), which `iconv-lite` does not know: escape sequences switch between sets of
 * characters, so the same bytes are ASCII or Japanese. It is made of 7-bit bytes alone.
 */
type CharacterSet = "ascii" | "roman" | "katakana" | "jis0208";

/** Bytes of one character set, each character of the same number of bytes and one UTF-16 unit. An escape sequence has no text. */
type Segment = { start: number; end: number; text: string; unitBytes: 1 | 2 };

const ESCAPE = 0x1b;

const SET_BY_SEQUENCE: ReadonlyMap<string, CharacterSet> = new Map([
  ["(B", "ascii"],
  ["(J", "roman"],
  ["(I", "katakana"],
  ["$@", "jis0208"],
  ["$B", "jis0208"],
]);

export function isSevenBit(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

export function decodeIso2022Jp(bytes: Uint8Array): string {
  let text = "";
  for (const segment of segmentsOf(bytes)) text += segment.text;
  return text;
}

/** Where these offsets into the text lie in the bytes: a character that begins a segment, behind its escape sequence. */
export function iso2022JpOffsets(bytes: Uint8Array, ascending: readonly number[]): number[] {
  const offsets: number[] = [];
  let unit = 0;
  let end = 0;
  for (const segment of segmentsOf(bytes)) {
    if (segment.text === "") continue;
    for (let wanted = ascending[offsets.length]; wanted !== undefined; wanted = ascending[offsets.length]) {
      if (wanted >= unit + segment.text.length) break;
      offsets.push(segment.start + (wanted - unit) * segment.unitBytes);
    }
    unit += segment.text.length;
    end = segment.end;
  }
  while (offsets.length < ascending.length) offsets.push(end);
  return offsets;
}

function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  let set: CharacterSet = "ascii";
  let at = 0;
  while (at < bytes.length) {
    const next = bytes[at] === ESCAPE ? SET_BY_SEQUENCE.get(sequenceAt(bytes, at + 1)) : undefined;
    if (next !== undefined) {
      set = next;
      at += 3;
      continue;
    }
    // An escape that begins no known sequence is lost.
    const end = bytes[at] === ESCAPE ? at + 1 : endOfSegment(bytes, at);
    if (bytes[at] === ESCAPE) yield { start: at, end, text: "\ufffd", unitBytes: 1 };
    else if (set !== "jis0208")
      yield { start: at, end, text: singleBytes(bytes, at, end, set), unitBytes: 1 };
    else yield* pairs(bytes, at, end);
    at = end;
  }
}

function sequenceAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0);
}

function endOfSegment(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(ESCAPE, start);
  return end < 0 ? bytes.length : end;
}

function singleBytes(bytes: Uint8Array, start: number, end: number, set: CharacterSet): string {
  const ascii = Buffer.from(bytes.subarray(start, end)).toString("latin1");
  if (set === "roman") return ascii.replaceAll("\\", "\u00a5").replaceAll("~", "\u203e");
  if (set === "ascii") return ascii;
  return ascii.replaceAll(/[!-_]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xff40));
}

/** Characters of two bytes. A control character, such as a line ending, stands for itself. */
function* pairs(bytes: Uint8Array, start: number, end: number): Generator<Segment> {
  let at = start;
  while (at < end) {
    const isControl = (bytes[at] ?? 0) <= 0x20;
    const isPair = !isControl && at + 1 < end && (bytes[at + 1] ?? 0) > 0x20;
    let next = at;
    while (next < end && (bytes[next] ?? 0) <= 0x20 === isControl) next += 1;
    if (isControl) {
      yield { start: at, end: next, text: singleBytes(bytes, at, next, "ascii"), unitBytes: 1 };
    } else if (!isPair) {
      yield { start: at, end: at + 1, text: "\ufffd", unitBytes: 1 };
      next = at + 1;
    } else {
      next = at + ((next - at) & ~1);
      yield { start: at, end: next, text: decodePairs(bytes.subarray(at, next)), unitBytes: 2 };
    }
    at = next;
  }
}

/** The characters of JIS X 0208 are those of EUC-JP without the high bits. */
function decodePairs(bytes: Uint8Array): string {
  const high = Buffer.from(bytes.map((byte) => byte | 0x80));
  const text = iconv.decode(high, "euc-jp");
  if (text.length === bytes.length / 2) return text;
  // A pair that stands for no character, or for several units, would shift the places of those behind it.
  let aligned = "";
  for (let at = 0; at < high.length; at += 2) {
    const character = iconv.decode(high.subarray(at, at + 2), "euc-jp");
    aligned += character.length === 1 ? character : "\ufffd";
  }
  return aligned;
}
