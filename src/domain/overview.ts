/** A run in the overview. Times are epoch milliseconds. */
export type OverviewRun = Readonly<{
  runId: string;
  dbosStatus: string;
  createdAtEpochMs: number;
  title: string | null;
  /** The error as DBOS serialised it; null for a run that has not failed. */
  error: string | null;
}>;

/** What `GET /overview` is computed from, read by one statement. */
export type OverviewRecord = Readonly<{
  nowEpochMs: number;
  /** Every run that there is. */
  runs: number;
  /** The runs that have not ended, and those that ended in error, by DBOS status. */
  open: readonly Readonly<{ dbosStatus: string; count: number }>[];
  /** The runs of the last 24 hours, by the hour before the present one (0 to 23, 23 is the last) and by DBOS status. */
  recent: readonly Readonly<{ hour: number; dbosStatus: string; count: number }>[];
  oldestUnfinished: readonly OverviewRun[];
  lastFailures: readonly OverviewRun[];
  /** Over the last steps that completed: see `OVERVIEW_STEPS`. */
  steps: readonly Readonly<{ name: string; count: number; p50Ms: number; p95Ms: number }>[];
}>;

/** The number of completed steps that the durations are taken from. */
export const OVERVIEW_STEPS = 1_000;

export const OVERVIEW_HOURS = 24;
