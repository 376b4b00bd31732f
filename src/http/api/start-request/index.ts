import type { StartCommand } from "../../../domain/command.ts";
import { Failure } from "../../../failure.ts";
import { contentTypeOf, parseJson, readBody } from "../../body.ts";
import { readFormStart } from "./form-start.ts";
import { parseJsonStart } from "./json-start.ts";
import { acceptMediaType, createStartCommand, parseTextControls } from "./start-command.ts";
import { readStartFields } from "./start-fields.ts";

export { createStartCommand, parseTextControls } from "./start-command.ts";

/**
 * Reads the body of `POST /runs` in any of its three forms: JSON, a form with a file, or a document under its own media
 * type.
 * @throws Failure `unsupported_media_type`, `payload_too_large`, `invalid_json`, `invalid_query`, `invalid_run_payload`,
 *   `invalid_command`
 */
export async function readStartRequest(request: Request, limitBytes: number): Promise<StartCommand> {
  const { type, parameters } = contentTypeOf(request);
  const query = new URL(request.url).searchParams;
  if (type === "application/json") {
    refuseQuery(query, "goes into the JSON body");
    return parseJsonStart(parseJson(await readBody(request, limitBytes)));
  }
  if (type === "multipart/form-data") {
    refuseQuery(query, "goes into a form field");
    return readFormStart(request, parameters.boundary ?? "", limitBytes);
  }
  return readDocumentStart(request, query, limitBytes);
}

/** The document is the whole body; its controls are query parameters. */
async function readDocumentStart(
  request: Request,
  query: URLSearchParams,
  limitBytes: number,
): Promise<StartCommand> {
  const fields = readStartFields(query);
  const { filename } = fields;
  const mediaType = acceptMediaType({ declared: request.headers.get("content-type") ?? "", filename });
  const bytes = await readBody(request, limitBytes);
  return createStartCommand({ bytes, mediaType, filename }, parseTextControls(fields));
}

function refuseQuery(query: URLSearchParams, reason: string): void {
  for (const field of query.keys()) {
    throw new Failure("invalid_query", { field: field.slice(0, 64).toWellFormed(), reason });
  }
}
