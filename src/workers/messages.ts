import type { Take } from "../access/shared-limits.ts";
import type { MetricValues } from "../metrics.ts";

/** From the worker that allowed a request or a guess, and to all others. */
type TakeMessage = Readonly<{ kind: "take"; take: Take }>;

/** The addresses at which the workers answer; null for a listener that the subcommand does not open. */
export type Addresses = Readonly<{ apiUrl: string | null; uiUrl: string | null }>;

/** How many workers the program should have, and how many of them are ready. */
export type WorkerCount = Readonly<{ configured: number; ready: number }>;

export type FromWorker =
  | (Readonly<{ kind: "ready" }> & Addresses)
  /** A StartFailure: the program as a whole cannot start. */
  | Readonly<{ kind: "failed"; message: string }>
  /** Asks for the metrics of the other workers. */
  | Readonly<{ kind: "collect"; id: number }>
  | Readonly<{ kind: "measured"; id: number; values: MetricValues }>
  | TakeMessage;

export type ToWorker =
  | Readonly<{ kind: "stop" }>
  | (Readonly<{ kind: "count" }> & WorkerCount)
  | Readonly<{ kind: "measure"; id: number }>
  | Readonly<{ kind: "collected"; id: number; values: readonly MetricValues[] }>
  | TakeMessage;
