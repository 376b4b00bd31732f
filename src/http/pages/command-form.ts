import { contentTypeOf, readFormBody } from "../body.ts";
import { type FormFile, parseMultipart } from "../multipart.ts";

/** What a form of a page sends: a text, the chosen files, `sleepMs` as it was typed, and `fields`, all other text fields. */
export type CommandForm = Readonly<{
  cmd: string;
  files: readonly FormFile[];
  sleepMs: string;
  fields: URLSearchParams;
}>;

/** A form without a script sends all chosen files in one body, which is read into memory. */
const MAX_TOTAL_TO_FILE = 4;

const MAX_PARTS = 1_000;

/**
 * Reads a form of a page, url-encoded or multipart.
 * @throws Failure `invalid_run_payload`, `payload_too_large`, `unsupported_media_type`
 */
export async function readCommandForm(request: Request, maxBodyBytes: number): Promise<CommandForm> {
  const limitBytes = maxBodyBytes * MAX_TOTAL_TO_FILE;
  const body = await readFormBody(request, limitBytes);
  const { type, parameters } = contentTypeOf(request);
  const limits = { fileBytes: limitBytes, totalBytes: body.length, parts: MAX_PARTS };
  const form =
    type === "multipart/form-data"
      ? parseMultipart(body, parameters.boundary ?? "", limits)
      : { files: [], fields: [...new URLSearchParams(Buffer.from(body).toString("utf8"))] };
  const entries = new URLSearchParams(form.fields.map(([name, value]): [string, string] => [name, value]));
  const fields = new URLSearchParams([...entries].filter(([name]) => name !== "cmd"));
  return {
    // Browsers send line ends as CRLF; the text is taken with the LF that was typed.
    cmd: (entries.get("cmd") ?? "").replaceAll("\r\n", "\n"),
    // A file field in which nothing was chosen is sent as an empty file without a name.
    files: form.files.filter(({ bytes, filename = "" }) => bytes.length > 0 || filename !== ""),
    sleepMs: (entries.get("sleepMs") ?? "").trim(),
    fields,
  };
}
