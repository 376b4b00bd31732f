import type { LedgerLine } from "../domain/command-ledger.ts";
import { type RunStatus, runStatusOf } from "../domain/run.ts";

/** A line of `GET /commands`. */
export type CommandView = Readonly<{
  id: number;
  cmd: string;
  args: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds. */
  created_at: number;
  title: string | null;
  preview: string | null;
  run: Readonly<{
    run_id: string;
    status: RunStatus;
    dbos_status: string;
    completed_at: number | null;
    recovery_attempts: number;
    forked_from: string | null;
    steps: number;
  }>;
}>;

export type CommandListView = Readonly<{ commands: readonly CommandView[]; next: number | null }>;

/** A claim that DBOS has not heard of yet is as good as enqueued: the next moment or the next start starts it. */
const UNSTARTED = "ENQUEUED";

export function commandViewOf(line: LedgerLine): CommandView {
  const dbosStatus = line.dbosStatus ?? UNSTARTED;
  return {
    id: line.id,
    cmd: line.cmd,
    args: line.args,
    created_at: line.createdAtEpochMs,
    title: line.title,
    preview: line.preview,
    run: {
      run_id: line.runId,
      status: runStatusOf(dbosStatus),
      dbos_status: dbosStatus,
      completed_at: line.completedAtEpochMs,
      recovery_attempts: line.recoveryAttempts ?? 0,
      forked_from: line.forkedFrom,
      steps: line.steps,
    },
  };
}
