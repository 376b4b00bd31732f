import iconv from "iconv-lite";
import { findWhatwgCharset } from "./whatwg-labels.ts";

/** How declared charsets are understood. 1: without the list of the WHATWG and without ISO-2022-JP, as recipes of earlier versions did. */
export type CharsetRules = 1 | 2;

/** Labels that browsers read as another charset than they name (WHATWG Encoding Standard), without blanks and signs. */
const CHARSET_OF_LABEL: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "utf-8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 cp65001 csutf8",
    "windows-1252":
      "ansix341968 ascii cp1252 cp819 csisolatin1 ibm819 iso88591 iso885911987 isoir100 l1 latin1 usascii xcp1252",
    "windows-1254": "csisolatin5 iso88599 iso885991989 isoir148 l5 latin5",
    "windows-874": "iso885911 tis620",
    "utf-16le": "csunicode iso10646ucs2 ucs2 unicode unicodefeff utf16le csutf16le",
    "utf-16be": "unicodefffe utf16be csutf16be",
    "utf-32le": "utf32le csutf32le",
    "utf-32be": "utf32be csutf32be",
  }).flatMap(([charset, labels]) => labels.split(" ").map((label): [string, string] => [label, charset])),
);

/** What iconv-lite also calls an encoding: transfer encodings, and UTF-7, which no document may smuggle text through. */
const NOT_A_CHARSET = new Set(["base64", "hex", "utf7", "utf7imap", "unicode11utf7"]);

/** How many bytes tell the byte order. */
const SAMPLE_BYTES = 4096;

/**
 * The charset that a declared label stands for, as `iconv-lite` names it; undefined for a label that names none. A label
 * without a byte order gets that of the bytes.
 */
export function charsetOfLabel(
  declared: string,
  bytes: Uint8Array,
  rules: CharsetRules = 2,
): string | undefined {
  const label = declared.trim().toLowerCase();
  const plain = label.replaceAll(/[^a-z0-9]/g, "");
  if (plain === "utf16" || plain === "csutf16") return isBigEndian(bytes, 2) ? "utf-16be" : "utf-16le";
  if (plain === "utf32" || plain === "csutf32") return isBigEndian(bytes, 4) ? "utf-32be" : "utf-32le";
  const standard = rules === 1 ? undefined : findWhatwgCharset(label);
  if (standard !== undefined) return standard ?? undefined;
  const known = CHARSET_OF_LABEL.get(plain);
  if (known !== undefined) return known;
  return plain !== "" && !NOT_A_CHARSET.has(plain) && iconv.encodingExists(label) ? label : undefined;
}

/** Text has more zeros in the high bytes of its characters than in the low ones. Without a difference it is little-endian. */
function isBigEndian(bytes: Uint8Array, unitBytes: 2 | 4): boolean {
  let [first, last] = [0, 0];
  for (let at = 0; at + unitBytes <= Math.min(bytes.length, SAMPLE_BYTES); at += unitBytes) {
    if (bytes[at] === 0) first += 1;
    if (bytes[at + unitBytes - 1] === 0) last += 1;
  }
  return first > last;
}
