import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { STARTING } from "./api/services.ts";
import type { RouteTable } from "./route-table.ts";

/** The failure for an error that a route threw, or that Elysia threw because there is no route. */
export function toFailure(error: unknown, request: Request, routes: RouteTable): Failure {
  if (error instanceof Failure) return error;
  if (isNotRouted(error)) {
    const allow = routes.methodsAt(new URL(request.url).pathname).join(", ");
    return allow === "" ? new Failure("not_found") : new Failure("method_not_allowed", { allow });
  }
  // A client that closes the connection in the middle of a body has not sent a whole request.
  const isAborted = request.signal.aborted && error instanceof Error && error.name === "AbortError";
  return new Failure(isAborted ? "invalid_request" : "internal_error", {}, { cause: error });
}

/** Logs a failure that is not the client's. Called once per request, where every failure is turned into a response. */
export function logFailure(log: Log, request: Request, failure: Failure): void {
  const { code, cause } = failure;
  if (failure === STARTING) return;
  if ((code === "internal_error" || code === "storage_unavailable") && cause !== undefined) {
    log.requestFailed({ method: request.method, path: new URL(request.url).pathname, error: cause });
  }
  if (code === "database_unavailable") log.databaseTrouble({ error: cause ?? failure });
}

function isNotRouted(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "NOT_FOUND";
}
