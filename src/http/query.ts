import { z } from "zod";
import { Failure } from "../failure.ts";

/**
 * Parses a query string by a schema. Each parameter must be known and given once; white space around a value is ignored.
 * @throws Failure `invalid_query`
 */
export function readQuery<Output>(url: string, schema: z.ZodType<Output>): Output {
  const fields: Record<string, string> = Object.create(null);
  for (const [field, value] of new URL(url).searchParams) {
    if (field in fields) throw invalidQuery(field, "is given twice");
    fields[field] = value.trim();
  }
  const result = schema.safeParse({ ...fields });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === "unrecognized_keys") throw invalidQuery(issue.keys[0] ?? "", "is not known here");
  throw invalidQuery(issue?.path.join(".") ?? "", issue?.message ?? "is not accepted");
}

/** For a parameter that only the database can check. */
export function invalidQuery(field: string, reason: string): Failure {
  return new Failure("invalid_query", { field: field.slice(0, 64).toWellFormed(), reason });
}

/** The page size of a list. */
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
