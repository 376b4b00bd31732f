import type { z } from "zod";
import { Failure } from "../failure.ts";

/**
 * Parses a payload by its schema. The failure names the first wrong field and what the field takes.
 * @throws Failure `invalid_run_payload`
 */
export function checkPayload<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const field = (issue.keys[0] ?? "body").slice(0, 64).toWellFormed();
    throw new Failure("invalid_run_payload", { field, reason: "is not known here" });
  }
  const field = issue?.path.join(".") || "body";
  throw new Failure("invalid_run_payload", { field, reason: issue?.message ?? "is not accepted" });
}
