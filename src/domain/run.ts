import { Failure } from "../failure.ts";

/** Run ids appear in URLs, rows and file names, so the alphabet is narrow. */
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function isRunId(value: string): boolean {
  return RUN_ID.test(value) && !value.includes("..");
}

/** @throws Failure `invalid_run_id` */
export function parseRunId(value: string): string {
  if (!isRunId(value)) throw new Failure("invalid_run_id", { field: "run_id" });
  return value;
}

/** The name of a durable sleep, given by DBOS. */
export const SLEEP = "DBOS.sleep";

/** The steps of a document run in the order of their function ids. DBOS numbers them from 0; names are part of the contract. */
export const RUN_STEPS = [
  "prepare",
  SLEEP,
  "docir",
  "chunk-index",
  "memo",
  "side-effect",
  "finalize",
] as const;

export type RunStep = (typeof RUN_STEPS)[number];

export function functionIdOf(step: RunStep): number {
  return RUN_STEPS.indexOf(step);
}

export type RunStatus = "running" | "done" | "error" | "unknown";

/**
 * The status that clients act on, by the status that DBOS stores; in the order of a list by state: what waits and runs, what
 * failed, what is done. A status that is not listed is `unknown`.
 */
const RUN_STATUS: Readonly<Record<string, RunStatus>> = {
  DELAYED: "running",
  ENQUEUED: "running",
  PENDING: "running",
  CANCELLED: "error",
  ERROR: "error",
  RETRIES_EXCEEDED: "error",
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: "error",
  SUCCESS: "done",
};

export const DBOS_STATUSES: readonly string[] = Object.keys(RUN_STATUS);

export function runStatusOf(dbosStatus: string): RunStatus {
  return Object.hasOwn(RUN_STATUS, dbosStatus) ? (RUN_STATUS[dbosStatus] ?? "unknown") : "unknown";
}

/** The DBOS statuses that are read as `status`. For `unknown` all known statuses, which the caller must exclude. */
export function dbosStatusesOf(status: RunStatus): readonly string[] {
  return status === "unknown" ? DBOS_STATUSES : DBOS_STATUSES.filter((name) => RUN_STATUS[name] === status);
}

const RESUMABLE = new Set(["CANCELLED", "RETRIES_EXCEEDED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]);

export function isResumable(dbosStatus: string): boolean {
  return RESUMABLE.has(dbosStatus);
}

export function isTerminal(dbosStatus: string): boolean {
  const status = runStatusOf(dbosStatus);
  return status === "done" || status === "error";
}
