import {
  MaxFileSizeExceededError,
  MaxTotalSizeExceededError,
  MultipartParseError,
  MultipartParser,
  type MultipartPart,
} from "@remix-run/multipart-parser";
import type { StartCommand } from "../../../domain/command.ts";
import { Failure } from "../../../failure.ts";
import { FORM_OVERHEAD_BYTES, readFormBody } from "../../body.ts";
import { acceptMediaType, createStartCommand, parseTextControls } from "./start-command.ts";
import { readStartFields } from "./start-fields.ts";

/**
 * Reads a `multipart/form-data` body of `POST /runs`: one file in the field `file`, and the controls as text fields.
 * @throws Failure `invalid_run_payload`, `payload_too_large`, `unsupported_media_type`
 */
export async function readFormStart(
  request: Request,
  boundary: string,
  limitBytes: number,
): Promise<StartCommand> {
  const { files, fields: entries } = parseForm(await readFormBody(request, limitBytes), boundary, limitBytes);
  const [file] = files;
  if (file === undefined || files.length > 1 || file.name !== "file") {
    throw new Failure("invalid_run_payload", {
      field: "file",
      reason: "takes exactly one file, in the field file",
    });
  }
  const fields = readStartFields(entries);
  const filename = fields.filename ?? file.filename;
  const mediaType = acceptMediaType({ declared: file.contentType ?? "", filename, bytes: file.bytes });
  return createStartCommand({ bytes: file.bytes, mediaType, filename }, parseTextControls(fields));
}

type Form = Readonly<{
  files: readonly Readonly<{
    name: string | undefined;
    filename: string | undefined;
    contentType: string | undefined;
    bytes: Uint8Array;
  }>[];
  fields: readonly (readonly [name: string, value: string])[];
}>;

function parseForm(body: Uint8Array, boundary: string, limitBytes: number): Form {
  if (boundary === "" || boundary.length > 200) throw invalidForm("has no usable boundary");
  try {
    const parser = new MultipartParser(boundary, {
      maxFileSize: limitBytes,
      maxTotalSize: limitBytes + FORM_OVERHEAD_BYTES,
      maxParts: 16,
    });
    const parts = withoutPadding(body, boundary).flatMap((chunk) => [...parser.write(chunk)]);
    parser.finish();
    return formOf(parts);
  } catch (error) {
    if (error instanceof MaxFileSizeExceededError || error instanceof MaxTotalSizeExceededError) {
      throw new Failure("payload_too_large", { limit_bytes: limitBytes });
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
function formOf(parts: readonly MultipartPart[]): Form {
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
