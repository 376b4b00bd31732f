import { z } from "zod";
import { Failure } from "../failure.ts";

/**
 * Reads a query string by its schema. Every parameter is text, known, and given once.
 * @throws Failure `invalid_query`
 */
export function readQuery<Output>(url: string, schema: z.ZodType<Output>): Output {
  const fields: Record<string, string> = Object.create(null);
  for (const [field, value] of new URL(url).searchParams) {
    if (field in fields) throw invalidQuery(field, "is given twice");
    fields[field] = value;
  }
  const result = schema.safeParse({ ...fields });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === "unrecognized_keys") throw invalidQuery(issue.keys[0] ?? "", "is not known here");
  throw invalidQuery(issue?.path.join(".") ?? "", issue?.message ?? "is not accepted");
}

/** For what only the database can tell of a parameter. */
export function invalidQuery(field: string, reason: string): Failure {
  return new Failure("invalid_query", { field: field.slice(0, 64).toWellFormed(), reason });
}

/** How many to answer at once. */
export const limitParameter = z
  .string()
  .regex(/^\d{1,4}$/, "takes a number from 1 to 500")
  .transform(Number)
  .pipe(z.number().min(1, "takes a number from 1 to 500").max(500, "takes a number from 1 to 500"))
  .default(50);

export const textParameter = z
  .string()
  .max(200, "takes up to 200 characters")
  .refine((text) => text.isWellFormed() && !text.includes("\0"), "holds a character that is not accepted")
  .transform((text) => text || undefined)
  .optional();
