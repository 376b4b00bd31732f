import { z } from "zod";
import { detectMediaType, isReadableDocument } from "../../../document/index.ts";
import { parseDocCommand, type StartCommand, startControlsShape } from "../../../domain/command.ts";
import { checkPayload } from "../../../domain/payload.ts";
import { Failure } from "../../../failure.ts";
import { createStartCommand, type DocumentInput } from "../../../flow/start-command.ts";

/** JSON does not say what kind of text it carries. A text that shows no format is Markdown, which reads prose as prose. */
const DEFAULT_MEDIA_TYPE = "text/markdown";

const source = z
  .string("takes a string")
  .min(1, "is empty")
  .refine((text) => text.isWellFormed(), "holds a lone surrogate, which no encoding can store");

const JSON_FORMS = {
  source: z.strictObject({ source, ...startControlsShape }),
  cmd: z.strictObject({ cmd: z.string("takes a string"), ...startControlsShape }),
  intent: z.strictObject({
    intent: z.literal("doc", "takes doc"),
    args: z.strictObject({ source }, "takes an object with source"),
    ...startControlsShape,
  }),
} as const;

/**
 * Parses the JSON body of `POST /runs`: exactly one of `source`, `cmd`, or `intent` with `args`.
 * @throws Failure `invalid_run_payload`, `invalid_command`
 */
export function parseJsonStart(body: unknown): StartCommand {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Failure("invalid_run_payload", { field: "body", reason: "takes a JSON object" });
  }
  const form = formOf(body);
  if (form === "source") {
    const { source, ...controls } = checkPayload(JSON_FORMS.source, body);
    return createStartCommand(textInput(source), controls);
  }
  if (form === "cmd") {
    const { cmd, ...controls } = checkPayload(JSON_FORMS.cmd, body);
    return createStartCommand(textInput(parseDocCommand(cmd)), controls);
  }
  const { args, sleepMs, workflowId } = checkPayload(JSON_FORMS.intent, body);
  return createStartCommand(textInput(args.source), { sleepMs, workflowId });
}

function formOf(body: object): keyof typeof JSON_FORMS {
  const present = (["source", "cmd", "intent"] as const).filter((key) => Object.hasOwn(body, key));
  const [form, ...others] = present;
  if (form === undefined || others.length > 0) {
    const reason = "takes exactly one of source, cmd, or intent with args";
    throw new Failure("invalid_run_payload", { field: "body", reason });
  }
  return form;
}

function textInput(text: string): DocumentInput {
  const bytes = new TextEncoder().encode(text);
  const detected = detectMediaType(bytes) ?? "";
  const essence = isReadableDocument(bytes, detected) ? detected : DEFAULT_MEDIA_TYPE;
  return { bytes, mediaType: `${essence}; charset=utf-8` };
}
