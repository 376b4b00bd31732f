import { isUtf8 } from "node:buffer";
import { z } from "zod";
import {
  findSafeCut,
  isReadableDocument,
  mediaTypeOf,
  parseMediaType,
  shortestMediaType,
} from "../document/index.ts";
import {
  DEFAULT_SLEEP_MS,
  type DocArgs,
  hashPayload,
  type StartCommand,
  type StartControls,
  startControlsShape,
} from "../domain/command.ts";
import { checkPayload } from "../domain/payload.ts";
import { Failure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";

/** A document as it arrived, from a request body or a file. */
export type DocumentInput = Readonly<{
  bytes: Uint8Array;
  mediaType: string;
  filename?: string | undefined;
  /** Of the bytes, where it is known. */
  sha256?: string | undefined;
}>;

/**
 * Makes the command that every form of a start request is normalised to.
 * @throws Failure `invalid_run_payload` when the document is empty
 */
export function createStartCommand(
  input: DocumentInput,
  { sleepMs, workflowId }: StartControls,
): StartCommand {
  if (input.bytes.length === 0) {
    throw new Failure("invalid_run_payload", { field: "source", reason: "is empty" });
  }
  const filename = input.filename === undefined ? "" : cleanFilename(input.filename);
  const args: DocArgs = {
    source_sha256: input.sha256 ?? sha256Hex(input.bytes),
    media_type: input.mediaType,
    ...(filename === "" ? {} : { filename }),
  };
  return {
    cmd: "/doc",
    intent: "doc",
    args,
    payloadSha256: hashPayload({ ...args, media_type: hashedMediaType(input) }),
    source: input.bytes,
    sleepMs: sleepMs ?? DEFAULT_SLEEP_MS,
    workflowId,
  };
}

/** A declared UTF-8 counts only where it changes what is read: in bytes that are not UTF-8. */
function hashedMediaType({ bytes, mediaType }: DocumentInput): string {
  return isUtf8(bytes) ? shortestMediaType(mediaType) : mediaType.toLowerCase();
}

/**
 * Parses controls given as text: form fields, query parameters or command-line options.
 * @throws Failure `invalid_run_payload`
 */
export function parseTextControls(
  fields: Readonly<{ sleepMs?: string | undefined; workflowId?: string | undefined }>,
): StartControls {
  const { sleepMs: text } = fields;
  const sleepMs = text === undefined ? undefined : /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return checkPayload(z.object(startControlsShape), { sleepMs, workflowId: fields.workflowId });
}

/** What a document may be: its bytes at most, and whether it may be a picture. */
export type StartLimits = Readonly<{ maxBodyBytes: number; hasOcr: boolean }>;

/**
 * Decides the media type of a document from its declared type, its filename and its bytes.
 * @throws Failure `unsupported_media_type` when no reader takes what was declared or what the bytes show
 */
export function acceptMediaType(given: {
  declared: string;
  filename: string | undefined;
  bytes: Uint8Array;
  hasOcr: boolean;
}): string {
  const mediaType = mediaTypeOf(given);
  const isReadable = isReadableDocument(given.bytes, mediaType, given);
  // Each download sends it as a header, so it must consist of characters that a header can carry.
  if (!isReadable || !/^[\x20-\x7e]*$/.test(mediaType)) {
    const { essence } = parseMediaType(given.declared);
    throw new Failure("unsupported_media_type", { media_type: essence.slice(0, 128) });
  }
  return mediaType;
}

const MAX_FILENAME_UNITS = 200;

/** Control and format characters, which change or hide text; not the joiners U+200C and U+200D, which words are spelled with. */
const UNSHOWABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** A file's name without its folders and unshowable characters. It is shown and offered for download, never opened. */
function cleanFilename(filename: string): string {
  const base = filename.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const name = base.replace(UNSHOWABLE, "").trim();
  if (name.length <= MAX_FILENAME_UNITS) return name;
  const [extension = ""] = /\.[^.]{1,16}$/.exec(name) ?? [];
  const stem = name.slice(0, name.length - extension.length);
  return stem.slice(0, findSafeCut(stem, 0, MAX_FILENAME_UNITS - extension.length)) + extension;
}
