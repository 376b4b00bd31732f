import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { findSafeCut, shortestMediaType } from "../document/index.ts";
import { Failure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import { checkPayload } from "./payload.ts";
import { isRunId } from "./run.ts";

/** What a document run is asked to do: names and hashes, never the text. This is what a `workflowId` stands for. */
export type DocArgs = Readonly<{ source_sha256: string; media_type: string; filename?: string }>;

/** Every way of asking for a run, normalised. */
export type StartCommand = Readonly<{
  /** The word that the ledger keeps, whichever way the request came. */
  cmd: "/doc";
  intent: "doc";
  args: DocArgs;
  /**
   * sha256 over canonical JSON of `{intent, args}`, the media type in its shortest form: however a document is sent, it is the
   * same payload. Controls such as `sleepMs` do not count.
   */
  payloadSha256: string;
  source: Uint8Array;
  sleepMs: number;
  workflowId: string | undefined;
}>;

/** A document as it arrived, whatever carried it. */
export type DocumentInput = Readonly<{
  bytes: Uint8Array;
  mediaType: string;
  filename?: string | undefined;
}>;

export type StartControls = Readonly<{ sleepMs?: number | undefined; workflowId?: string | undefined }>;

/** Text that comes inside JSON says nothing of its kind; Markdown reads plain prose as prose. */
export const JSON_SOURCE_MEDIA_TYPE = "text/markdown; charset=utf-8";

const DEFAULT_SLEEP_MS = 1;
const MAX_SLEEP_MS = 24 * 60 * 60 * 1000;

const sleepMsSchema = z
  .number("takes a whole number of milliseconds")
  .int("takes a whole number of milliseconds")
  .min(1, "is at least 1")
  .max(MAX_SLEEP_MS, `is at most ${MAX_SLEEP_MS}`)
  .optional();

const workflowIdSchema = z
  .string("takes a string")
  .refine(isRunId, "is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit")
  .optional();

const sourceSchema = z
  .string("takes a string")
  .min(1, "is empty")
  .refine((text) => text.isWellFormed(), "holds a lone surrogate, which no encoding can store");

const controls = { sleepMs: sleepMsSchema, workflowId: workflowIdSchema };

const BODY_FORMS = {
  source: z.strictObject({ source: sourceSchema, ...controls }),
  cmd: z.strictObject({ cmd: z.string("takes a string"), ...controls }),
  intent: z.strictObject({
    intent: z.literal("doc", "takes doc"),
    args: z.strictObject({ source: sourceSchema }, "takes an object with source"),
    ...controls,
  }),
} as const;

/**
 * Reads the JSON body of `POST /runs`: exactly one of `source`, `cmd`, or `intent` with `args`.
 * @throws Failure `invalid_run_payload`, `invalid_command`
 */
export function parseStartBody(body: unknown): StartCommand {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Failure("invalid_run_payload", { field: "body", reason: "takes a JSON object" });
  }
  const form = formOf(body);
  if (form === "source") {
    const { source, ...rest } = checkPayload(BODY_FORMS.source, body);
    return startCommand(textInput(source), rest);
  }
  if (form === "cmd") {
    const { cmd, ...rest } = checkPayload(BODY_FORMS.cmd, body);
    return startCommand(textInput(parseDocCommand(cmd)), rest);
  }
  const { args, sleepMs, workflowId } = checkPayload(BODY_FORMS.intent, body);
  return startCommand(textInput(args.source), { sleepMs, workflowId });
}

/**
 * Reads controls that came as text: form fields or query parameters.
 * @throws Failure `invalid_run_payload`
 */
export function parseStartControls(
  fields: Readonly<{ sleepMs?: string | undefined; workflowId?: string | undefined }>,
): StartControls {
  const { sleepMs: text } = fields;
  const sleepMs = text === undefined ? undefined : /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return checkPayload(z.object(controls), { sleepMs, workflowId: fields.workflowId });
}

/** @throws Failure `invalid_run_payload` when the document is empty */
export function startCommand(input: DocumentInput, { sleepMs, workflowId }: StartControls): StartCommand {
  if (input.bytes.length === 0) {
    throw new Failure("invalid_run_payload", { field: "source", reason: "is empty" });
  }
  const filename = input.filename === undefined ? "" : bareFilename(input.filename);
  const args: DocArgs = {
    source_sha256: sha256Hex(input.bytes),
    media_type: input.mediaType,
    ...(filename === "" ? {} : { filename }),
  };
  return {
    cmd: "/doc",
    intent: "doc",
    args,
    payloadSha256: payloadHash(args),
    source: input.bytes,
    sleepMs: sleepMs ?? DEFAULT_SLEEP_MS,
    workflowId,
  };
}

function payloadHash(args: DocArgs): string {
  const media_type = shortestMediaType(args.media_type);
  return sha256Hex(canonicalJson({ intent: "doc", args: { ...args, media_type } }));
}

function formOf(body: object): keyof typeof BODY_FORMS {
  const present = (["source", "cmd", "intent"] as const).filter((key) => Object.hasOwn(body, key));
  const [form, ...others] = present;
  if (form === undefined || others.length > 0) {
    const reason = "takes exactly one of source, cmd, or intent with args";
    throw new Failure("invalid_run_payload", { field: "body", reason });
  }
  return form;
}

/** The text after `/doc`, without the white space around it. Linear in its length, however it is made. */
function parseDocCommand(cmd: string): string {
  const [word = ""] = /^\S{0,64}/.exec(cmd.trimStart()) ?? [];
  if (word === "") throw new Failure("invalid_command", { reason: "is empty" });
  if (word !== "/doc") throw new Failure("invalid_command", { reason: "is not known; /doc TEXT is" });
  const text = cmd.trim().slice(word.length).trim();
  if (text === "") throw new Failure("invalid_command", { reason: "has no text after /doc" });
  if (!text.isWellFormed()) throw new Failure("invalid_command", { reason: "holds a lone surrogate" });
  return text;
}

function textInput(source: string): DocumentInput {
  return { bytes: new TextEncoder().encode(source), mediaType: JSON_SOURCE_MEDIA_TYPE };
}

const MAX_FILENAME_UNITS = 200;

/** Control characters, and those that turn text around or are not seen; not the joiners, which names are spelled with. */
const UNSHOWABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** A file's name without its folders and unshowable characters: it is shown and offered for download, never opened. */
function bareFilename(filename: string): string {
  const base = filename.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const name = base.replace(UNSHOWABLE, "").trim();
  if (name.length <= MAX_FILENAME_UNITS) return name;
  const [extension = ""] = /\.[^.]{1,16}$/.exec(name) ?? [];
  const stem = name.slice(0, name.length - extension.length);
  return stem.slice(0, findSafeCut(stem, 0, MAX_FILENAME_UNITS - extension.length)) + extension;
}
