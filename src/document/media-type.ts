import { parse } from "content-type";
import { detectMediaType } from "./detect.ts";
import { FORMATS, findFormat } from "./formats.ts";

/** What a parameter can be without quotes (RFC 9110). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const UNKNOWN = "application/octet-stream";

/**
 * Types that say nothing about the content, so the bytes or a file name may say more. Windows declares CSV files as the
 * last one; a file that really is of that type has a signature.
 */
const GENERIC = new Set(["", UNKNOWN, "binary/octet-stream", "application/vnd.ms-excel"]);

const TYPE_BY_ALIAS = namesToType("aliases");
const TYPE_BY_EXTENSION = namesToType("extensions");

function namesToType(kind: "aliases" | "extensions"): ReadonlyMap<string, string> {
  return new Map(
    FORMATS.flatMap((format) => format[kind].map((name): [string, string] => [name, format.mediaType])),
  );
}

/** `essence` is lower-case type/subtype with known aliases resolved, "" where there is none; `charset` as declared. */
export type ParsedMediaType = { essence: string; charset: string | undefined };

/** Reads a media type with its parameters; never throws: an unreadable one has the essence "". */
export function parseMediaType(mediaType: string): ParsedMediaType {
  const { type, parameters } = parse(mediaType);
  const essence = type.trim().toLowerCase();
  return { essence: TYPE_BY_ALIAS.get(essence) ?? essence, charset: parameters.charset };
}

/**
 * What a document was declared as, its charset kept: a specific type wins, the name of a text format refines text/plain.
 * Where the type is generic or absent, what the bytes show decides, then the name.
 * Falls back to application/octet-stream, which no reader takes.
 */
export function mediaTypeOf(given: {
  declared?: string | undefined;
  filename?: string | undefined;
  bytes?: Uint8Array | undefined;
}): string {
  const { essence, charset } = parseMediaType(given.declared ?? "");
  const byName = TYPE_BY_EXTENSION.get(extensionOf(given.filename ?? ""));
  const decided = GENERIC.has(essence)
    ? (detected(given.bytes, charset) ?? byName ?? UNKNOWN)
    : refines(essence, byName)
      ? byName
      : essence;
  return charset === undefined
    ? decided
    : `${decided}; charset=${TOKEN.test(charset) ? charset : JSON.stringify(charset)}`;
}

function detected(bytes: Uint8Array | undefined, charset: string | undefined): string | null {
  const mediaType = bytes === undefined ? null : detectMediaType(bytes, charset);
  return mediaType === null || findFormat(mediaType) === null ? null : mediaType;
}

/** Senders that do not know a text format declare its files as plain text. */
function refines(essence: string, byName: string | undefined): byName is string {
  return essence === "text/plain" && byName !== undefined && findFormat(byName)?.kind === "text";
}

/** A media type without what changes nothing for a text in UTF-8: a charset of UTF-8, which every reader tries first, and capitals. */
export function shortestMediaType(mediaType: string): string {
  const { essence, charset } = parseMediaType(mediaType);
  const label = charset?.toLowerCase();
  return label === undefined || label === "utf-8" || label === "utf8"
    ? essence
    : `${essence}; charset=${label}`;
}

function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf(".");
  return dot < 0 ? "" : filename.slice(dot + 1).toLowerCase();
}
