import { Failure } from "../../failure.ts";
import { withTimeout } from "../../timeout.ts";
import { jsonReply, statusOf } from "../reply.ts";
import type { Services } from "./services.ts";

/** Who asks after the health of a program is not kept waiting for that of its database. */
const DATABASE_TIMEOUT_MS = 2_000;

/** `GET /healthz`: well only when the database answers and the worker takes work. */
export async function showHealth({ kernel, log, identity }: Services): Promise<Response> {
  // Runs of another application version wait for a node that knows their steps; this node leaves them alone.
  const waiting = await withTimeout(
    kernel.countWaitingRuns(),
    DATABASE_TIMEOUT_MS,
    () => new Failure("database_unavailable"),
  ).catch((error: unknown) => {
    log.databaseTrouble({ error });
    return null;
  });
  const database = waiting !== null;
  const worker = kernel.isUp();
  const ok = database && worker;
  return jsonReply(
    { ok, database, worker, waiting_runs: waiting, ...identity },
    ok ? 200 : statusOf("database_unavailable"),
    ok ? {} : { "retry-after": "1" },
  );
}
