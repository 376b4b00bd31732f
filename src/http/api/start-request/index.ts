import type { StartCommand } from "../../../domain/command.ts";
import { isRunId } from "../../../domain/run.ts";
import { Failure } from "../../../failure.ts";
import {
  acceptMediaType,
  createStartCommand,
  parseTextControls,
  type StartLimits,
} from "../../../flow/start-command.ts";
import { sha256HexInParts } from "../../../hash-in-parts.ts";
import { contentTypeOf, parseJson, readBody } from "../../body.ts";
import { readFormStart } from "./form-start.ts";
import { parseJsonStart } from "./json-start.ts";
import { readStartFields } from "./start-fields.ts";

export { createStartCommand, parseTextControls } from "../../../flow/start-command.ts";
export { documentCommand } from "./form-start.ts";

/**
 * Reads the body of `POST /runs` in any of its three forms: JSON, a form with a file, or a document under its own media
 * type. The header `Idempotency-Key` means the same as `workflowId`.
 * @throws Failure `unsupported_media_type`, `payload_too_large`, `invalid_json`, `invalid_query`, `invalid_run_payload`,
 *   `invalid_command`
 */
export async function readStartRequest(request: Request, limits: StartLimits): Promise<StartCommand> {
  const key = readIdempotencyKey(request.headers);
  const command = await readStartBody(request, limits);
  if (key === undefined) return command;
  if (command.workflowId !== undefined && command.workflowId !== key) {
    throw new Failure("invalid_run_payload", { field: "workflowId", reason: "differs from Idempotency-Key" });
  }
  return { ...command, workflowId: key };
}

async function readStartBody(request: Request, limits: StartLimits): Promise<StartCommand> {
  const { type, parameters } = contentTypeOf(request);
  const query = new URL(request.url).searchParams;
  if (type === "application/json") {
    refuseQuery(query, "goes into the JSON body");
    return parseJsonStart(parseJson(await readBody(request, limits.maxBodyBytes)));
  }
  if (type === "multipart/form-data") {
    refuseQuery(query, "goes into a form field");
    return readFormStart(request, parameters.boundary ?? "", limits);
  }
  return readDocumentStart(request, query, limits);
}

/** The key as it is, or in the quotes of a structured header field (RFC 9651). */
function readIdempotencyKey(headers: Headers): string | undefined {
  const value = headers.get("idempotency-key");
  if (value === null) return undefined;
  const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
  if (isRunId(key)) return key;
  const reason = "is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit";
  throw new Failure("invalid_run_payload", { field: "Idempotency-Key", reason });
}

/** The document is the whole body; its controls are query parameters. */
async function readDocumentStart(
  request: Request,
  query: URLSearchParams,
  { maxBodyBytes, hasOcr }: StartLimits,
): Promise<StartCommand> {
  const fields = readStartFields(query);
  const { filename } = fields;
  const bytes = await readBody(request, maxBodyBytes);
  const declared = request.headers.get("content-type") ?? "";
  const mediaType = acceptMediaType({ declared, filename, bytes, hasOcr });
  const sha256 = await sha256HexInParts(bytes);
  return createStartCommand({ bytes, mediaType, filename, sha256 }, parseTextControls(fields));
}

function refuseQuery(query: URLSearchParams, reason: string): void {
  for (const field of query.keys()) {
    throw new Failure("invalid_query", { field: field.slice(0, 64).toWellFormed(), reason });
  }
}
