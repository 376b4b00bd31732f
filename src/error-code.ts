/** The code of a system or Postgres error: an errno name (`ENOSPC`), an SQLSTATE (`57P03`), or null when there is none. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
