import { runWithAbortableDbRetries } from "@dbos-inc/dbos-sdk/internal/context";

/** One for all calls: a workflow keeps the signal that it was started under, and a new signal would keep its stack trace. */
const ABORTED = AbortSignal.abort();

/** Calls `work`, in which DBOS fails on an outage instead of trying again until it ends. */
export function failOnOutage<Result>(work: () => Promise<Result>): Promise<Result> {
  return runWithAbortableDbRetries(ABORTED, work);
}
