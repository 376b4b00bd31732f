import { jsonReply, statusOf } from "./reply.ts";
import type { Services } from "./services.ts";

/** `GET /healthz`: well only when the database answers and the worker takes work. */
export async function showHealth({ kernel, identity }: Services): Promise<Response> {
  // Runs of another application version wait for a node that knows their steps; this node leaves them alone.
  const waiting = await kernel.countWaitingRuns().catch(() => null);
  const database = waiting !== null;
  const worker = kernel.isUp();
  const ok = database && worker;
  return jsonReply(
    { ok, database, worker, waiting_runs: waiting, ...identity },
    ok ? 200 : statusOf("database_unavailable"),
    ok ? {} : { "retry-after": "1" },
  );
}
