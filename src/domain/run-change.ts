import { z } from "zod";
import { Failure } from "../failure.ts";
import type { Actor, Sender } from "./journal.ts";
import { checkPayload } from "./payload.ts";
import { RUN_STEPS } from "./run.ts";

export const words = (max: number) =>
  z
    .string("takes a string")
    .min(1, "is empty")
    .max(max, `takes up to ${max} characters`)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "holds a character that is not accepted")
    .optional();

export const actorFields = { by: words(100), reason: words(500) };

const STEP_NAMES: readonly string[] = RUN_STEPS;

const fromStep = z
  .union([z.number(), z.string()], "takes a step")
  .transform((step) => (typeof step === "string" ? STEP_NAMES.indexOf(step) : step))
  .refine(
    (step) => Number.isInteger(step) && step >= 0 && step < RUN_STEPS.length,
    `takes a step: 0 to ${RUN_STEPS.length - 1}, or ${RUN_STEPS.join(", ")}`,
  );

/**
 * Parses who asks for a change to a run, and why: `{by?, reason?}`, free text that the journal stores.
 * @throws Failure `invalid_run_payload`
 */
export function parseActor(body: unknown, sender: Sender): Actor {
  return actorOf(checkPayload(z.strictObject(actorFields, "takes a JSON object"), body), sender);
}

/**
 * Parses who erases a run, and why: `{reason, by?}`. An erasure needs a reason.
 * @throws Failure `invalid_run_payload`
 */
export function parseErase(body: unknown, sender: Sender): Actor {
  const actor = parseActor(body, sender);
  if (actor.reason !== undefined) return actor;
  throw new Failure("invalid_run_payload", { field: "reason", reason: "is needed" });
}

/** The name of a token is certain, a name in a request is a claim. */
export function actorOf(
  { by, reason }: Readonly<{ by?: string | undefined; reason?: string | undefined }>,
  { via, token }: Sender,
): Actor {
  if (token === null) return { via, by, reason };
  return { via, by: token, on_behalf_of: by === token ? undefined : by, reason };
}

/**
 * Parses the request for a fork: `{from_step, by?, reason?}`, with the step as its function id or its name.
 * @throws Failure `invalid_run_payload`
 */
export function parseFork(body: unknown, sender: Sender): Readonly<{ fromStep: number; actor: Actor }> {
  const schema = z.strictObject({ from_step: fromStep, ...actorFields }, "takes a JSON object");
  const { from_step, ...who } = checkPayload(schema, body);
  return { fromStep: from_step, actor: actorOf(who, sender) };
}
