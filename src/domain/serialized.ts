/**
 * Reads a value as DBOS serialised it: superjson's `{json, …}` or plain JSON. Null for null, and for text that is not JSON:
 * a row that was damaged by hand must not stop the reader of a run.
 */
export function readSerialized(text: string | null): unknown {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && "json" in value ? value.json : value;
  } catch {
    return null;
  }
}

/** An object with keys, as JSON has them: no array, not null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
