import type { CommandRecord } from "../domain/command-record.ts";
import { type RunStatus, runStatusOf } from "../domain/run.ts";

/** An item of `GET /commands`. Times are epoch milliseconds. */
export type CommandView = Readonly<{
  id: number;
  cmd: string;
  args: Readonly<Record<string, unknown>>;
  created_at: number;
  title: string | null;
  preview: string | null;
  run: Readonly<{
    run_id: string;
    status: RunStatus;
    /** Null when the workflow was deleted from DBOS. */
    dbos_status: string | null;
    created_at: number | null;
    completed_at: number | null;
    recovery_attempts: number;
    forked_from: string | null;
    steps: number;
  }>;
}>;

export type CommandListView = Readonly<{ commands: readonly CommandView[]; next: number | null }>;

export function commandViewOf(line: CommandRecord): CommandView {
  return {
    id: line.id,
    cmd: line.cmd,
    args: line.args,
    created_at: line.createdAtEpochMs,
    title: line.title,
    preview: line.preview,
    run: {
      run_id: line.runId,
      status: line.dbosStatus === null ? "unknown" : runStatusOf(line.dbosStatus),
      dbos_status: line.dbosStatus,
      created_at: line.startedAtEpochMs,
      completed_at: line.completedAtEpochMs,
      recovery_attempts: line.recoveryAttempts ?? 0,
      forked_from: line.forkedFrom,
      steps: line.steps,
    },
  };
}
