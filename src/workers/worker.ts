import cluster from "node:cluster";
import type { LimitPeers, Take } from "../access/shared-limits.ts";
import type { MetricPeers, MetricValues } from "../metrics.ts";
import type { Addresses, FromWorker, ToWorker, WorkerCount } from "./messages.ts";

/** What a node knows of the workers of its program. */
export type Workers = MetricPeers & LimitPeers & Readonly<{ count(): WorkerCount }>;

/** A program of one process. */
export const ALONE: Workers = {
  count: () => ({ configured: 1, ready: 1 }),
  collectMetrics: async () => [],
  onMeasure: () => undefined,
  announceTake: () => undefined,
  onTake: () => undefined,
};

/** The supervisor of this process. */
export type Supervisor = Workers &
  Readonly<{
    /** The number of this worker, for its log lines. A worker that takes the place of a dead one has a new number. */
    worker: number;
    /** Resolves when the supervisor stops the program. */
    whenStopped: Promise<"supervisor">;
    reportReady(addresses: Addresses): void;
    /** Resolves when the message has been sent. */
    reportFailure(message: string): Promise<void>;
  }>;

/**
 * Null in a process that the operator started. A worker whose supervisor has died ends at once, as if it had been killed too: the
 * next start recovers its runs.
 * @param configured how many workers the program should have; the supervisor counts them once the first is ready
 */
export function findSupervisor(configured: number): Supervisor | null {
  const { worker } = cluster;
  if (worker === undefined) return null;
  const stopped = Promise.withResolvers<"supervisor">();
  const collecting = new Map<number, (values: readonly MetricValues[]) => void>();
  let lastId = 0;
  let count: WorkerCount = { configured, ready: 0 };
  let receiveTake: (take: Take) => void = () => undefined;
  let measure = async (): Promise<MetricValues> => [];
  const send = (message: FromWorker) =>
    new Promise<void>((resolve) => void worker.send(message, undefined, () => resolve()));

  worker.on("message", async (message: ToWorker) => {
    if (message.kind === "stop") stopped.resolve("supervisor");
    if (message.kind === "count") count = message;
    if (message.kind === "measure") void send({ kind: "measured", id: message.id, values: await measure() });
    if (message.kind === "take") receiveTake(message.take);
    if (message.kind === "collected") collecting.get(message.id)?.(message.values);
  });
  process.once("disconnect", () => process.exit(1));

  return {
    worker: worker.id,
    whenStopped: stopped.promise,
    reportReady: (addresses) => void send({ kind: "ready", ...addresses }),
    reportFailure: (message) => send({ kind: "failed", message }),
    count: () => ({ configured: count.configured, ready: count.ready }),
    async collectMetrics() {
      lastId += 1;
      const id = lastId;
      const values = new Promise<readonly MetricValues[]>((resolve) => collecting.set(id, resolve));
      void send({ kind: "collect", id });
      // The supervisor answers in time, with what it has.
      return await values.finally(() => collecting.delete(id));
    },
    onMeasure(listener) {
      measure = listener;
    },
    announceTake: (take) => void send({ kind: "take", take }),
    onTake(listener) {
      receiveTake = listener;
    },
  };
}
