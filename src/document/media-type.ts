import { parse } from "content-type";

const MARKDOWN = "text/markdown";

/** What a parameter can be without quotes (RFC 9110). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Types that say nothing about the content, so a file name may say more. */
const GENERIC = new Set(["", "application/octet-stream", "binary/octet-stream"]);

/** How each format is named: other names of its media type, and file name extensions. */
const FORMAT_NAMES = [
  { mediaType: "text/plain", aliases: [], extensions: ["txt", "text", "log"] },
  {
    mediaType: MARKDOWN,
    aliases: ["text/x-markdown", "application/markdown"],
    extensions: ["md", "markdown"],
  },
] as const;

const TYPE_BY_ALIAS = namesToType("aliases");
const TYPE_BY_EXTENSION = namesToType("extensions");

function namesToType(kind: "aliases" | "extensions"): ReadonlyMap<string, string> {
  return new Map(
    FORMAT_NAMES.flatMap((format) => format[kind].map((name): [string, string] => [name, format.mediaType])),
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
 * What a document is, from the type it was declared as and the name it came under, its charset kept:
 * a specific type wins, a Markdown name refines text/plain, a name decides where the type is generic or absent.
 * Falls back to application/octet-stream, which no reader takes.
 */
export function mediaTypeOf(given: { declared?: string | undefined; filename?: string | undefined }): string {
  const declared = given.declared ?? "";
  const { essence, charset } = parseMediaType(declared);
  const byName = TYPE_BY_EXTENSION.get(extensionOf(given.filename ?? ""));
  const refines = byName === MARKDOWN && essence === "text/plain";
  const decided = GENERIC.has(essence) || refines ? (byName ?? "application/octet-stream") : essence;
  return charset === undefined
    ? decided
    : `${decided}; charset=${TOKEN.test(charset) ? charset : JSON.stringify(charset)}`;
}

/** A media type without what changes nothing: a charset of UTF-8, which every reader tries first, and capitals. */
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
