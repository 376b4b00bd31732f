import { OVERVIEW_HOURS, type OverviewRecord, type OverviewRun } from "../domain/overview.ts";
import { RUN_STEPS, type RunStatus, runStatusOf } from "../domain/run.ts";
import { failureCodeIn } from "../domain/step-facts.ts";
import { type RunError, runErrorOf } from "./run-view.ts";

/** The body of `GET /overview`. Times are epoch milliseconds. */
export type OverviewView = Readonly<{
  at: number;
  /** Of all times. */
  all: Readonly<{ runs: number; running: number; failed: number; cancelled: number }>;
  /** Of the runs that were started in the last 24 hours. */
  day: Readonly<Record<DayState, number> & { runs: number }>;
  /** The runs of each of the last 24 hours, oldest first. */
  hours: readonly Readonly<Record<DayState, number>>[];
  oldest_unfinished: readonly OverviewRunView[];
  last_failures: readonly OverviewRunView[];
  /** How long the steps took that completed last, in milliseconds, in the order of a run. */
  steps: readonly Readonly<{ name: string; count: number; p50_ms: number; p95_ms: number }>[];
}>;

export type DayState = "done" | "running" | "failed" | "cancelled" | "unknown";

export type OverviewRunView = Readonly<{
  run_id: string;
  status: RunStatus;
  dbos_status: string;
  created_at: number;
  title: string | null;
  error: RunError | null;
}>;

export function overviewViewOf(record: OverviewRecord): OverviewView {
  const { runs, open, recent, steps } = record;
  const countOf = (state: DayState) => sum(open.filter(({ dbosStatus }) => dayStateOf(dbosStatus) === state));
  const hours = Array.from({ length: OVERVIEW_HOURS }, (_, hour) =>
    statesOf(recent.filter((row) => Math.min(row.hour, OVERVIEW_HOURS - 1) === hour)),
  );
  const stepAt = (name: string) => (RUN_STEPS as readonly string[]).indexOf(name);
  return {
    at: record.nowEpochMs,
    all: { runs, running: countOf("running"), failed: countOf("failed"), cancelled: countOf("cancelled") },
    day: { runs: sum(recent), ...statesOf(recent) },
    hours,
    oldest_unfinished: record.oldestUnfinished.map(runOf),
    last_failures: record.lastFailures.map(runOf),
    steps: steps
      .map(({ name, count, p50Ms, p95Ms }) => ({ name, count, p50_ms: p50Ms, p95_ms: p95Ms }))
      .sort((a, b) => stepAt(a.name) - stepAt(b.name)),
  };
}

type Counted = Readonly<{ dbosStatus: string; count: number }>;

function statesOf(rows: readonly Counted[]): Readonly<Record<DayState, number>> {
  const countOf = (state: DayState) => sum(rows.filter(({ dbosStatus }) => dayStateOf(dbosStatus) === state));
  return {
    done: countOf("done"),
    running: countOf("running"),
    failed: countOf("failed"),
    cancelled: countOf("cancelled"),
    unknown: countOf("unknown"),
  };
}

function dayStateOf(dbosStatus: string): DayState {
  if (dbosStatus === "CANCELLED") return "cancelled";
  const status = runStatusOf(dbosStatus);
  return status === "error" ? "failed" : status;
}

function sum(rows: readonly Readonly<{ count: number }>[]): number {
  return rows.reduce((all, { count }) => all + count, 0);
}

function runOf({ runId, dbosStatus, createdAtEpochMs, title, error }: OverviewRun): OverviewRunView {
  return {
    run_id: runId,
    status: runStatusOf(dbosStatus),
    dbos_status: dbosStatus,
    created_at: createdAtEpochMs,
    title,
    error: runErrorOf(failureCodeIn(error)),
  };
}
