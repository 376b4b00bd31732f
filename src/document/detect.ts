import { findFormat } from "./formats.ts";
import { decode } from "./text/decode.ts";
import { zipNamesOf } from "./zip-names.ts";

const ZIP = "application/zip";
const UNKNOWN_DATA = "application/octet-stream";
const OLE = "application/x-ole-storage";

type Signature = Readonly<{
  mediaType: string;
  /** The first bytes of the file, as Latin-1. */
  start: string;
  /** The signature could begin a text, so a NUL must follow within the first bytes. */
  needsNul?: true;
}>;

/** Formats with a fixed beginning. Most have no reader; their signature prevents that such a file is read as text. */
const SIGNATURES: readonly Signature[] = [
  { mediaType: "application/pdf", start: "%PDF-1." },
  { mediaType: "application/pdf", start: "%PDF-2." },
  { mediaType: ZIP, start: "PK\x03\x04" },
  { mediaType: ZIP, start: "PK\x05\x06" },
  { mediaType: OLE, start: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
  { mediaType: "application/rtf", start: "{\\rtf1" },
  { mediaType: "image/png", start: "\x89PNG\r\n\x1a\n" },
  { mediaType: "image/jpeg", start: "\xff\xd8\xff" },
  { mediaType: "image/gif", start: "GIF8", needsNul: true },
  { mediaType: "image/tiff", start: "II*\0" },
  { mediaType: "image/tiff", start: "MM\0*" },
  { mediaType: "image/webp", start: "RIFF", needsNul: true },
  { mediaType: "application/gzip", start: "\x1f\x8b\x08" },
  { mediaType: "application/x-7z-compressed", start: "7z\xbc\xaf\x27\x1c" },
  { mediaType: "application/x-xz", start: "\xfd7zXZ\0" },
  { mediaType: "application/zstd", start: "\x28\xb5\x2f\xfd" },
  { mediaType: "application/vnd.rar", start: "Rar!\x1a\x07" },
  { mediaType: "application/x-elf", start: "\x7fELF" },
  { mediaType: "application/vnd.microsoft.portable-executable", start: "MZ", needsNul: true },
  { mediaType: "application/wasm", start: "\0asm" },
  { mediaType: "application/vnd.sqlite3", start: "SQLite format 3\0" },
  { mediaType: "audio/mpeg", start: "ID3", needsNul: true },
  { mediaType: "audio/ogg", start: "OggS", needsNul: true },
];

const NUL_WITHIN_BYTES = 512;

/** The folder in which each kind of Office document keeps its parts (ECMA-376, part 2). */
const PACKAGE_FOLDERS = [
  ["word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
] as const;

/** The stream that holds an encrypted Office document ([MS-OFFCRYPTO] 2.3.1). */
const ENCRYPTED_PACKAGE = Buffer.from("EncryptedPackage", "utf16le");

/** Enough for a declaration, some comments and the headers of most mails. */
const HEAD_BYTES = 32 * 1024;

/** Headers of a mail beside From; the writer of a plain text seldom types one of these. */
const MAIL_HEADERS = ["message-id", "mime-version", "received", "return-path", "delivered-to"];

/** Texts contain few control characters but these; backspace and escape are in what a terminal shows. */
const TEXT_CONTROLS = new Set("\b\t\n\v\f\r\x1b");
const MAX_CONTROL_CHARACTERS = 64;
const MAX_CONTROL_PART = 1 / 16;

/**
 * The media type that the bytes themselves show, or null. Only what is certain: text in no markup, CSV and Markdown show
 * nothing. `charset` is as declared.
 */
export function detectMediaType(bytes: Uint8Array, charset?: string): string | null {
  const start = latin1(bytes, NUL_WITHIN_BYTES);
  const found = SIGNATURES.find(
    (signature) => start.startsWith(signature.start) && (!signature.needsNul || start.includes("\0")),
  );
  if (found?.mediaType === ZIP) return packageTypeOf(zipNamesOf(bytes)) ?? ZIP;
  if (found) return found.mediaType;
  const head = decode(bytes.subarray(0, HEAD_BYTES), charset).text;
  if (isHtml(head)) return "text/html";
  return isMail(head) ? "message/rfc822" : null;
}

/** What a document is. `declaredWrong`: its bytes show another format than was declared. */
export type Identity = Readonly<{ mediaType: string; declaredWrong: boolean; isEncrypted: boolean }>;

/** Identifies a document by its bytes, else by the media type that it was declared as, without parameters. */
export function identify(bytes: Uint8Array, declared: string, charset?: string): Identity {
  const detected = detectMediaType(bytes, charset);
  const isEncrypted = detected === OLE && holdsEncryptedPackage(bytes);
  // An archive whose parts lie in unusual folders may be what it was declared as; its reader finds out.
  const kind = findFormat(declared)?.kind;
  const isUndecided = detected === null || (detected === ZIP && kind === "package");
  const isData = detected === null && kind === "text" && isBinary(bytes, charset);
  const mediaType = isData ? UNKNOWN_DATA : isUndecided ? declared : detected;
  return { mediaType, declaredWrong: mediaType !== declared, isEncrypted };
}

function packageTypeOf(names: readonly string[]): string | null {
  const isPackage = names.some((name) => name === "[Content_Types].xml" || name.startsWith("_rels/"));
  if (!isPackage) return null;
  return PACKAGE_FOLDERS.find(([folder]) => names.some((name) => name.startsWith(folder)))?.[1] ?? null;
}

function holdsEncryptedPackage(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(ENCRYPTED_PACKAGE);
}

/** An HTML doctype or element, after white space, comments and an XML declaration. */
function isHtml(head: string): boolean {
  let at = 0;
  for (;;) {
    while (/\s/.test(head.charAt(at))) at += 1;
    const closing = head.startsWith("<!--", at) ? "-->" : head.startsWith("<?", at) ? ">" : null;
    if (closing === null) return /^<(?:!doctype\s+html|html)[\s>]/i.test(head.slice(at, at + 64));
    const end = head.indexOf(closing, at);
    if (end < 0) return false;
    at = end + closing.length;
  }
}

/** Header fields up to an empty line (RFC 5322), among them From and another that mail programs add. */
function isMail(head: string): boolean {
  const names = new Set<string>();
  for (const line of head.split(/\r?\n/)) {
    if (line === "") break;
    if (/^[ \t]/.test(line) && names.size > 0) continue;
    const name = /^([!-9;-~]{1,76}):/.exec(line)?.[1];
    if (name === undefined) {
      if (names.size === 0 && line.startsWith("From ")) continue;
      return false;
    }
    names.add(name.toLowerCase());
  }
  return names.has("from") && MAIL_HEADERS.some((name) => names.has(name));
}

/** Data of an unknown format. Random bytes read as windows-1252 have one such character in ten, UTF-16 read as UTF-8 one in two. */
function isBinary(bytes: Uint8Array, charset?: string): boolean {
  const head = decode(bytes.subarray(0, HEAD_BYTES), charset).text;
  let found = 0;
  for (const character of head) if (character < " " && !TEXT_CONTROLS.has(character)) found += 1;
  return found > Math.max(MAX_CONTROL_CHARACTERS, head.length * MAX_CONTROL_PART);
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(length, bytes.length)).toString("latin1");
}
