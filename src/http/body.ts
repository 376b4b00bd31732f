import {
  MaxFileSizeExceededError,
  MaxTotalSizeExceededError,
  MultipartParseError,
  MultipartParser,
  type MultipartPart,
} from "@remix-run/multipart-parser";
import { parse as parseContentType } from "content-type";
import { isSupportedMediaType, mediaTypeOf } from "../document/index.ts";
import { parseStartBody, parseStartControls, type StartCommand, startCommand } from "../domain/command.ts";
import { Failure } from "../failure.ts";

/**
 * Reads `POST /runs` in any of its three forms: JSON, a form with a file, or a document under its own media type.
 * @throws Failure `unsupported_media_type`, `payload_too_large`, `invalid_json`, `invalid_run_payload`, `invalid_command`
 */
export async function readStartCommand(request: Request, limitBytes: number): Promise<StartCommand> {
  const declared = request.headers.get("content-type") ?? "";
  const { type, parameters } = contentTypeOf(declared);
  const query = new URL(request.url).searchParams;
  if (type === "application/json") {
    refuseQuery(query, "goes into the JSON body");
    return parseStartBody(parseJson(await readBody(request, limitBytes)));
  }
  if (type === "multipart/form-data") {
    refuseQuery(query, "goes into a form field");
    return readForm(request, parameters.boundary ?? "", limitBytes);
  }
  const fields = readFields([...query.entries()]);
  const mediaType = acceptedMediaType(declared, fields.filename);
  return startCommand(
    { bytes: await readBody(request, limitBytes), mediaType, filename: fields.filename },
    parseStartControls(fields),
  );
}

/**
 * Reads a body into memory, and stops reading at the limit rather than after it. What comes around a document, such as the
 * parts of a form, has room of its own above that.
 * @throws Failure `payload_too_large`; `unsupported_media_type` for a body that is compressed
 */
export async function readBody(request: Request, limitBytes: number, roomBytes = 0): Promise<Uint8Array> {
  refusePacked(request);
  const tooLarge = new Failure("payload_too_large", { limit_bytes: limitBytes });
  const mostBytes = limitBytes + roomBytes;
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    length += read.value.length;
    if (length > mostBytes) {
      await reader?.cancel();
      throw tooLarge;
    }
    chunks.push(read.value);
  }
  return Buffer.concat(chunks, length);
}

/** What is packed would be taken for what it is not. */
function refusePacked({ headers }: Request): void {
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (coding !== "" && coding !== "identity") {
    throw new Failure("unsupported_media_type", { content_encoding: coding.slice(0, 64).toWellFormed() });
  }
}

/** Room for the parts' headers, boundaries and fields around a file that may itself fill the limit. */
const FORM_ROOM_BYTES = 64 * 1024;

/**
 * Reads a body that may be a form around a file. The limit is the file's.
 * @throws Failure `payload_too_large`
 */
export function readFormBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  return readBody(request, limitBytes, FORM_ROOM_BYTES);
}

/** Who asks and why fits in a few lines. */
const SMALL_BODY_BYTES = 64 * 1024;

/**
 * Reads a JSON body that may as well be missing, which is as good as `{}`.
 * @throws Failure `unsupported_media_type`, `payload_too_large`, `invalid_json`
 */
export async function readOptionalJson(request: Request): Promise<unknown> {
  const body = await readBody(request, SMALL_BODY_BYTES);
  if (body.length === 0) return {};
  const { type } = contentTypeOf(request.headers.get("content-type") ?? "");
  if (type !== "application/json") {
    throw new Failure("unsupported_media_type", { media_type: type.slice(0, 128) });
  }
  return parseJson(body);
}

/** @throws Failure `invalid_json`, for bytes that are not UTF-8 as well */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Failure("invalid_json", {}, { cause });
  }
}

async function readForm(request: Request, boundary: string, limitBytes: number): Promise<StartCommand> {
  const { files, fields: entries } = parseForm(await readFormBody(request, limitBytes), boundary, limitBytes);
  const [file] = files;
  if (file === undefined || files.length > 1 || file.name !== "file") {
    throw new Failure("invalid_run_payload", {
      field: "file",
      reason: "takes exactly one file, in the field file",
    });
  }
  const fields = readFields(entries);
  const filename = fields.filename ?? file.filename;
  const mediaType = acceptedMediaType(file.mediaType, filename, file.contentType);
  return startCommand({ bytes: file.bytes, mediaType, filename }, parseStartControls(fields));
}

type Form = Readonly<{
  files: readonly Readonly<{
    name: string | undefined;
    filename: string | undefined;
    mediaType: string;
    contentType: string | undefined;
    bytes: Uint8Array;
  }>[];
  fields: readonly (readonly [name: string, value: string])[];
}>;

/** The parser decodes a part's headers and text when they are asked for, so they are all asked for here. */
function formOf(parts: readonly MultipartPart[]): Form {
  const files = parts.filter((part) => part.isFile);
  return {
    files: files.map((part) => ({
      name: part.name,
      filename: part.filename,
      mediaType: part.mediaType ?? "",
      contentType: part.headers["content-type"],
      bytes: part.bytes,
    })),
    fields: parts.filter((part) => !part.isFile).map((part) => [part.name ?? "", part.text] as const),
  };
}

function parseForm(body: Uint8Array, boundary: string, limitBytes: number): Form {
  if (boundary === "" || boundary.length > 200) throw badForm("has no usable boundary");
  try {
    const parser = new MultipartParser(boundary, {
      maxFileSize: limitBytes,
      maxTotalSize: limitBytes + FORM_ROOM_BYTES,
      maxParts: 16,
    });
    const parts = [...parser.write(body)];
    parser.finish();
    return formOf(parts);
  } catch (error) {
    if (error instanceof MaxFileSizeExceededError || error instanceof MaxTotalSizeExceededError) {
      throw new Failure("payload_too_large", { limit_bytes: limitBytes });
    }
    if (error instanceof MultipartParseError) throw badForm("is not well-formed multipart/form-data");
    // What a strict decoder of UTF-8 says.
    if (error instanceof TypeError) throw badForm("has a header or a field that is not UTF-8");
    throw error;
  }
}

function badForm(reason: string): Failure {
  return new Failure("invalid_run_payload", { field: "body", reason });
}

const FIELDS = ["sleepMs", "workflowId", "filename"] as const;

/** Controls that came as text, each at most once and no others. */
function readFields(entries: readonly (readonly [string, string])[]) {
  const fields: { [Name in (typeof FIELDS)[number]]?: string } = {};
  for (const [name, value] of entries) {
    const known = FIELDS.find((field) => field === name);
    const field = name.slice(0, 64).toWellFormed();
    if (known === undefined) throw new Failure("invalid_run_payload", { field, reason: "is not known here" });
    if (fields[known] !== undefined)
      throw new Failure("invalid_run_payload", { field, reason: "is given twice" });
    fields[known] = value;
  }
  return fields;
}

function refuseQuery(query: URLSearchParams, reason: string): void {
  for (const field of query.keys()) {
    throw new Failure("invalid_query", { field: field.slice(0, 64).toWellFormed(), reason });
  }
}

function acceptedMediaType(
  declared: string,
  filename: string | undefined,
  withParameters = declared,
): string {
  const mediaType = mediaTypeOf({ declared: withParameters, filename });
  // It is handed back as a header with every download, so it must be what a header can carry.
  if (!isSupportedMediaType(mediaType) || !/^[\x20-\x7e]*$/.test(mediaType)) {
    throw new Failure("unsupported_media_type", { media_type: contentTypeOf(declared).type.slice(0, 128) });
  }
  return mediaType;
}

function contentTypeOf(header: string): { type: string; parameters: Record<string, string> } {
  const { type, parameters } = parseContentType(header);
  return { type: type.toLowerCase(), parameters };
}
