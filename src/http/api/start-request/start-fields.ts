import { Failure } from "../../../failure.ts";

const FIELDS = ["sleepMs", "workflowId", "filename"] as const;

export type StartFields = Readonly<{ [Name in (typeof FIELDS)[number]]?: string }>;

/**
 * Reads the controls and the filename from form fields or query parameters: each at most once, and no others.
 * @throws Failure `invalid_run_payload`
 */
export function readStartFields(entries: Iterable<readonly [string, string]>): StartFields {
  const fields: { [Name in (typeof FIELDS)[number]]?: string } = {};
  for (const [name, value] of entries) {
    const known = FIELDS.find((field) => field === name);
    const field = name.slice(0, 64).toWellFormed();
    if (known === undefined) throw new Failure("invalid_run_payload", { field, reason: "is not known here" });
    if (fields[known] !== undefined)
      throw new Failure("invalid_run_payload", { field, reason: "is given twice" });
    fields[known] = value;
  }
  return fields;
}
