import {
  MaxFileSizeExceededError,
  MaxTotalSizeExceededError,
  MultipartParseError,
  MultipartParser,
  type MultipartPart,
} from "@remix-run/multipart-parser";
import { Failure } from "../failure.ts";
import { FORM_OVERHEAD_BYTES } from "./body.ts";

export type FormFile = Readonly<{
  /** The name of the field. */
  name: string | undefined;
  /** "" for a file field in which nothing was chosen, undefined where the client names none. */
  filename: string | undefined;
  contentType: string | undefined;
  bytes: Uint8Array;
}>;

export type MultipartForm = Readonly<{
  files: readonly FormFile[];
  fields: readonly (readonly [name: string, value: string])[];
}>;

export type MultipartLimits = Readonly<{ fileBytes: number; totalBytes: number; parts: number }>;

/** For a body with one document and some text fields. */
export function limitsOfOneFile(fileBytes: number): MultipartLimits {
  return { fileBytes, totalBytes: fileBytes + FORM_OVERHEAD_BYTES, parts: 16 };
}

/**
 * Parses a `multipart/form-data` body. Every form of this program is read here and not by the runtime: Bun and Node disagree
 * about the name of a file part in which nothing was chosen.
 * @throws Failure `invalid_run_payload`, `payload_too_large`
 */
export function parseMultipart(
  body: Uint8Array,
  boundary: string,
  { fileBytes, totalBytes, parts: maxParts }: MultipartLimits,
): MultipartForm {
  if (boundary === "" || boundary.length > 200) throw invalidForm("has no usable boundary");
  try {
    const parser = new MultipartParser(boundary, {
      maxFileSize: fileBytes,
      maxTotalSize: totalBytes,
      maxParts,
    });
    const parts = withoutPadding(body, boundary).flatMap((chunk) => [...parser.write(chunk)]);
    parser.finish();
    return formOf(parts);
  } catch (error) {
    if (error instanceof MaxFileSizeExceededError || error instanceof MaxTotalSizeExceededError) {
      throw new Failure("payload_too_large", { limit_bytes: fileBytes });
    }
    if (error instanceof MultipartParseError) throw invalidForm("is not well-formed multipart/form-data");
    // The parser's UTF-8 decoder throws a TypeError.
    if (error instanceof TypeError) throw invalidForm("has a header or a field that is not UTF-8");
    throw error;
  }
}

const LINE_END = "\r\n";

/**
 * The body without what RFC 2046 allows around delimiter lines and the parser does not take: a preamble before the first
 * one, and spaces or tabs at the end of each. An epilogue is ignored by the parser.
 */
function withoutPadding(body: Uint8Array, boundary: string): readonly Uint8Array[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${boundary}`);
  const chunks: Uint8Array[] = [];
  let start: number | null = null;
  for (let at = bytes.indexOf(delimiter); at !== -1; at = bytes.indexOf(delimiter, at + 1)) {
    const isAtLineStart = at === 0 || bytes.toString("latin1", at - 2, at) === LINE_END;
    const paddingAt = at + delimiter.length;
    let end = paddingAt;
    while (bytes[end] === SPACE || bytes[end] === TAB) end += 1;
    if (!isAtLineStart) continue;
    start ??= at;
    if (end === paddingAt || bytes.toString("latin1", end, end + 2) !== LINE_END) continue;
    chunks.push(bytes.subarray(start, paddingAt));
    start = end;
  }
  return [...chunks, bytes.subarray(start ?? 0)];
}

const SPACE = 0x20;
const TAB = 0x09;

/** The parser decodes a part's headers and text on access. Reading all of them here keeps its errors in one place. */
function formOf(parts: readonly MultipartPart[]): MultipartForm {
  const files = parts.filter((part) => part.isFile);
  return {
    files: files.map((part) => ({
      name: part.name,
      filename: literalFilename(part.headers["content-disposition"]) ?? part.filename,
      contentType: part.headers["content-type"],
      bytes: part.bytes,
    })),
    fields: parts.filter((part) => !part.isFile).map((part) => [part.name ?? "", part.text] as const),
  };
}

/**
 * A quoted filename in which a backslash escapes a quote alone. Browsers send the folders of a Windows path as they are, and
 * the parser would take each backslash for an escape. Undefined where there is none, or where `filename*` goes before it.
 */
function literalFilename(disposition = ""): string | undefined {
  if (/;\s*filename\*\s*=/i.test(disposition)) return undefined;
  const [, quoted] = /;\s*filename="((?:\\.|[^"\\])*)"/i.exec(disposition) ?? [];
  return quoted?.replaceAll('\\"', '"');
}

function invalidForm(reason: string): Failure {
  return new Failure("invalid_run_payload", { field: "body", reason });
}
