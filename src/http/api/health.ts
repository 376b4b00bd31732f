import { Failure } from "../../failure.ts";
import { withTimeout } from "../../timeout.ts";
import { jsonReply, statusOf } from "../reply.ts";
import type { Services } from "./services.ts";

/** A health check must answer soon, even when the database does not. */
const DATABASE_TIMEOUT_MS = 2_000;

type HealthServices = Pick<Services, "identity" | "workers"> &
  Readonly<{
    kernel: Pick<Services["kernel"], "countWaitingRuns" | "countStalledSteps" | "slotUse" | "isUp">;
    log: Pick<Services["log"], "databaseTrouble">;
  }>;

/**
 * `GET /healthz`: 200 only when the database answers, the worker takes work, and its steps are recorded. Of several workers of one program
 * each answers for itself; `workers` tells how many there are.
 */
export async function showHealth({ kernel, log, identity, workers }: HealthServices): Promise<Response> {
  // This node does not run the runs of another application version; they wait for a node of that version.
  const waiting = await withTimeout(
    kernel.countWaitingRuns(),
    DATABASE_TIMEOUT_MS,
    () => new Failure("database_unavailable"),
  ).catch((error: unknown) => {
    log.databaseTrouble({ error });
    return null;
  });
  const database = waiting !== null;
  const stalled = kernel.countStalledSteps();
  const worker = kernel.isUp() && stalled === 0;
  const ok = database && worker;
  return jsonReply(
    {
      ok,
      database,
      worker,
      waiting_runs: waiting,
      stalled_runs: stalled,
      concurrency: kernel.slotUse(),
      workers: workers.count(),
      ...identity,
    },
    ok ? 200 : statusOf("database_unavailable"),
    ok ? {} : { "retry-after": "1" },
  );
}
