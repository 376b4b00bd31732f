/**
 * An error as DBOS serialised it, without stack traces, which name files of the host. Null for text that is not JSON, because it
 * may contain anything.
 */
export function withoutStackTraces(serialised: unknown): string | null {
  if (typeof serialised !== "string") return null;
  try {
    return JSON.stringify(JSON.parse(serialised, (key, value) => (key === "stack" ? undefined : value)));
  } catch {
    return null;
  }
}
