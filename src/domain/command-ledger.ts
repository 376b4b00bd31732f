/** A line of the ledger: what was asked, and what has become of the run that it started. Never an answer. */
export type LedgerLine = Readonly<{
  id: number;
  cmd: string;
  args: Readonly<Record<string, unknown>>;
  runId: string;
  createdAtEpochMs: number;
  /** null: its workflow was deleted from DBOS. */
  dbosStatus: string | null;
  updatedAtEpochMs: number | null;
  startedAtEpochMs: number | null;
  completedAtEpochMs: number | null;
  recoveryAttempts: number | null;
  forkedFrom: string | null;
  title: string | null;
  steps: number;
  /** How the document begins, read from its stored bytes when the ledger is shown; the ledger itself holds no text. */
  preview: string | null;
}>;
