import type { StartCommand } from "../../../domain/command.ts";
import { Failure } from "../../../failure.ts";
import {
  acceptMediaType,
  createStartCommand,
  parseTextControls,
  type StartLimits,
} from "../../../flow/start-command.ts";
import { sha256HexInParts } from "../../../hash-in-parts.ts";
import { readFormBody } from "../../body.ts";
import { type FormFile, limitsOfOneFile, parseMultipart } from "../../multipart.ts";
import { readStartFields } from "./start-fields.ts";

/**
 * Reads a `multipart/form-data` body of `POST /runs`: one file in the field `file`, and the controls as text fields.
 * @throws Failure `invalid_run_payload`, `payload_too_large`, `unsupported_media_type`
 */
export async function readFormStart(
  request: Request,
  boundary: string,
  { maxBodyBytes, hasOcr }: StartLimits,
): Promise<StartCommand> {
  const body = await readFormBody(request, maxBodyBytes);
  const { files, fields: entries } = parseMultipart(body, boundary, limitsOfOneFile(maxBodyBytes));
  const [file] = files;
  if (file === undefined || files.length > 1 || file.name !== "file") {
    throw new Failure("invalid_run_payload", {
      field: "file",
      reason: "takes exactly one file, in the field file",
    });
  }
  return await documentCommand(file, readStartFields(entries), hasOcr);
}

/**
 * The command for a file of a form.
 * @throws Failure `invalid_run_payload`, `unsupported_media_type`
 */
export async function documentCommand(
  { bytes, contentType: declared = "", ...file }: FormFile,
  fields: Parameters<typeof parseTextControls>[0] & Readonly<{ filename?: string | undefined }>,
  hasOcr: boolean,
): Promise<StartCommand> {
  const filename = fields.filename ?? file.filename;
  const mediaType = acceptMediaType({ declared, filename, bytes, hasOcr });
  const sha256 = await sha256HexInParts(bytes);
  return createStartCommand({ bytes, mediaType, filename, sha256 }, parseTextControls(fields));
}
