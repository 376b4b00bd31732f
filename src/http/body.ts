import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from "node:zlib";
import { parse } from "content-type";
import { createByteTurns } from "../byte-turns.ts";
import { codeOf } from "../error-code.ts";
import { Failure } from "../failure.ts";

/**
 * Reads a body into memory and decompresses it. Both stop at the limit rather than after it.
 * @param overheadBytes what may surround a document in the body, such as the boundaries of a form; it comes on top of the limit
 * @throws Failure `payload_too_large`; `unsupported_media_type` for an unknown content coding; `invalid_run_payload` for a body
 *   that is not in the coding that it declares
 */
export async function readBody(request: Request, limitBytes: number, overheadBytes = 0): Promise<Uint8Array> {
  const decompress = decompressorOf(request);
  const tooLarge = new Failure("payload_too_large", { limit_bytes: limitBytes });
  const maxBytes = limitBytes + overheadBytes;
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    length += read.value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      throw tooLarge;
    }
    chunks.push(read.value);
  }
  const bytes = await joinChunks(chunks, length);
  if (decompress === null || bytes.length === 0) return bytes;
  try {
    return await decompress(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") throw tooLarge;
    const reason = "is not in the coding that Content-Encoding declares";
    throw new Failure("invalid_run_payload", { field: "body", reason }, { cause });
  }
}

async function joinChunks(chunks: readonly Uint8Array[], length: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(length);
  const giveTurn = createByteTurns();
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
    await giveTurn(chunk.length);
  }
  return whole;
}

type Decompress = (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array>;

const DECOMPRESSORS: Readonly<Record<string, Decompress>> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Null for a body that is not compressed. */
function decompressorOf({ headers }: Request): Decompress | null {
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity") return null;
  const decompress = Object.hasOwn(DECOMPRESSORS, coding) ? DECOMPRESSORS[coding] : undefined;
  if (decompress !== undefined) return decompress;
  throw new Failure("unsupported_media_type", { content_encoding: coding.slice(0, 64).toWellFormed() });
}

/** Room for the headers, boundaries and text fields around a file that may itself fill the limit. */
export const FORM_OVERHEAD_BYTES = 64 * 1024;

/**
 * Reads a body that may be a form around a file; the limit is that of the file.
 * @throws Failure `payload_too_large`, `unsupported_media_type`
 */
export function readFormBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  return readBody(request, limitBytes, FORM_OVERHEAD_BYTES);
}

const OPTIONAL_JSON_LIMIT_BYTES = 64 * 1024;

/**
 * Reads a JSON body; a missing body means `{}`.
 * @throws Failure `unsupported_media_type`, `payload_too_large`, `invalid_json`
 */
export async function readOptionalJson(request: Request): Promise<unknown> {
  const body = await readBody(request, OPTIONAL_JSON_LIMIT_BYTES);
  if (body.length === 0) return {};
  const { type } = contentTypeOf(request);
  if (type !== "application/json") {
    throw new Failure("unsupported_media_type", { media_type: type.slice(0, 128) });
  }
  return parseJson(body);
}

/** @throws Failure `invalid_json`, also for bytes that are not UTF-8 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Failure("invalid_json", {}, { cause });
  }
}

/** The media type of a body in lower case, "" where none is declared, and its parameters. */
export function contentTypeOf({ headers }: Request): { type: string; parameters: Record<string, string> } {
  const { type, parameters } = parse(headers.get("content-type") ?? "");
  return { type: type.toLowerCase(), parameters };
}
