/**
 * An error as DBOS serialised it, without the stack traces: they name files of the host that it arose on. What cannot be read
 * may hold anything, and is left out whole.
 */
export function withoutStackTraces(serialised: unknown): string | null {
  if (typeof serialised !== "string") return null;
  try {
    return JSON.stringify(JSON.parse(serialised, (key, value) => (key === "stack" ? undefined : value)));
  } catch {
    return null;
  }
}
