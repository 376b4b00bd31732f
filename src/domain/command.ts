import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { Failure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import type { AttachmentOrigin } from "./attachment.ts";
import { isRunId } from "./run.ts";

/** The arguments of a document run: names and hashes, never the text. A `workflowId` stands for these. */
export type DocArgs = Readonly<{ source_sha256: string; media_type: string; filename?: string }>;

/** A request to start a run, in the one form that all request bodies are normalised to. */
export type StartCommand = Readonly<{
  /** The word that the command table keeps, whichever form the request had. */
  cmd: "/doc" | "/attachment";
  intent: "doc";
  args: DocArgs;
  /** See `hashPayload`. */
  payloadSha256: string;
  source: Uint8Array;
  sleepMs: number;
  workflowId: string | undefined;
  /** The name of the token that asked. */
  by?: string | undefined;
  /** The mail that the document is an attachment of. */
  attachmentOf?: AttachmentOrigin | undefined;
}>;

/** Options of a start that are not part of its payload. */
export type StartControls = Readonly<{ sleepMs?: number | undefined; workflowId?: string | undefined }>;

export const DEFAULT_SLEEP_MS = 1;
const MAX_SLEEP_MS = 24 * 60 * 60 * 1000;

/** The fields of `StartControls`, to be part of a larger schema. */
export const startControlsShape = {
  sleepMs: z
    .number("takes a whole number of milliseconds")
    .int("takes a whole number of milliseconds")
    .min(1, "is at least 1")
    .max(MAX_SLEEP_MS, `is at most ${MAX_SLEEP_MS}`)
    .optional(),
  workflowId: z
    .string("takes a string")
    .refine(isRunId, "is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit")
    .optional(),
};

/**
 * sha256 (hex) over canonical JSON of `{intent, args}`. Controls such as `sleepMs` do not count. `args.media_type` is
 * expected in its shortest form, so that a document has one hash however its media type was written.
 */
export function hashPayload(args: DocArgs): string {
  return sha256Hex(canonicalJson({ intent: "doc", args }));
}

/**
 * The text after `/doc`, without the white space around it. Takes time linear in the length of `cmd`.
 * @throws Failure `invalid_command`
 */
export function parseDocCommand(cmd: string): string {
  const [word = ""] = /^\S{0,64}/.exec(cmd.trimStart()) ?? [];
  if (word === "") throw new Failure("invalid_command", { reason: "is empty" });
  if (word !== "/doc") throw new Failure("invalid_command", { reason: "is not known; /doc TEXT is" });
  const text = cmd.trim().slice(word.length).trim();
  if (text === "") throw new Failure("invalid_command", { reason: "has no text after /doc" });
  if (!text.isWellFormed()) throw new Failure("invalid_command", { reason: "holds a lone surrogate" });
  return text;
}
