import { Failure } from "../failure.ts";

/** SQLSTATE classes and socket errors of the connection, as opposed to errors of a query. */
const UNAVAILABLE_SQLSTATE = /^(08|57P|53[023])/;
/** disk_full, io_error */
const STORAGE_SQLSTATE = /^(53100|58030)$/;
const UNAVAILABLE_SOCKET = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
]);
const UNAVAILABLE_MESSAGE =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|connection ended|not queryable|after calling end on the pool/i;

/** Whether an error means that the database is away. `pg` reports some of these by their message only. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Failure) return error.code === "database_unavailable";
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = "code" in error ? String(error.code) : "";
  return (
    UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SOCKET.has(code) || UNAVAILABLE_MESSAGE.test(error.message)
  );
}

/** Whether an error means that the database has no room on its disk, or cannot use it. */
export function isStorageUnavailable(error: unknown): boolean {
  if (error instanceof Failure) return error.code === "storage_unavailable";
  return error instanceof Error && "code" in error && STORAGE_SQLSTATE.test(String(error.code));
}

/**
 * Calls `query`, and reports a database that is away, or has no storage, as a Failure.
 * @throws Failure `database_unavailable`, `storage_unavailable`
 */
export async function withTypedOutage<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (isStorageUnavailable(error)) throw new Failure("storage_unavailable", {}, { cause: error });
    if (isDatabaseUnavailable(error)) throw new Failure("database_unavailable", {}, { cause: error });
    throw error;
  }
}
