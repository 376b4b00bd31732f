import { RUN_STEPS, type RunStatus, runStatusOf, SLEEP } from "../domain/run.ts";
import type { RunSummary, StepTimes } from "../domain/run-record.ts";

/** An item of `GET /runs`. Times are epoch milliseconds. */
export type RunSummaryView = Readonly<{
  run_id: string;
  status: RunStatus;
  dbos_status: string;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
  executor_id: string | null;
  recovery_attempts: number;
  forked_from: string | null;
  title: string | null;
  /** How many steps are recorded. */
  steps: number;
  /** Media type of the document; null until it is stored. */
  media_type: string | null;
  /** The step that failed, or else the one that a run is at that has not succeeded; null for a run that is done. */
  step: string | null;
  /** How many doubtful passages nobody has reviewed. */
  doubts: number;
  /** How long it slept. */
  waited_ms: number;
  /** How long its steps took together. */
  worked_ms: number;
  /** The newest fork of a run that did not succeed. */
  continued_by: string | null;
}>;

/** @param nowEpochMs the end of a sleep that is under way */
export function runSummaryViewOf(summary: RunSummary, nowEpochMs: number): RunSummaryView {
  const { operations } = summary;
  const status = runStatusOf(summary.dbosStatus);
  const until = summary.completedAtEpochMs ?? nowEpochMs;
  const durationOf = (steps: readonly StepTimes[]) =>
    steps.reduce((sum, step) => sum + durationMs(step, until), 0);
  return {
    run_id: summary.runId,
    status,
    dbos_status: summary.dbosStatus,
    created_at: summary.createdAtEpochMs,
    updated_at: summary.updatedAtEpochMs,
    completed_at: summary.completedAtEpochMs,
    executor_id: summary.executorId,
    recovery_attempts: summary.recoveryAttempts,
    forked_from: summary.forkedFrom,
    title: summary.title,
    steps: operations.length,
    media_type: summary.mediaType,
    step: status === "done" ? null : stepAt(operations, until),
    doubts: summary.openDoubts,
    waited_ms: durationOf(operations.filter(({ functionName }) => functionName === SLEEP)),
    worked_ms: durationOf(operations.filter(({ functionName }) => functionName !== SLEEP)),
    continued_by: status === "error" ? summary.lastFork : null,
  };
}

function stepAt(operations: readonly StepTimes[], until: number): string | null {
  const failed = operations.find(({ hasFailed }) => hasFailed);
  const last = operations.at(-1);
  const isAsleep = last?.functionName === SLEEP && (last.completedAtEpochMs ?? 0) > until;
  return failed?.functionName ?? (isAsleep ? SLEEP : (RUN_STEPS[operations.length] ?? null));
}

function durationMs({ startedAtEpochMs, completedAtEpochMs }: StepTimes, until: number): number {
  if (startedAtEpochMs === null || completedAtEpochMs === null) return 0;
  return Math.max(0, Math.min(completedAtEpochMs, until) - startedAtEpochMs);
}
