/** A row of jejakekal.chat_event, a command, with the state of the run that it started. Times are epoch milliseconds. */
export type CommandRecord = Readonly<{
  id: number;
  cmd: string;
  args: Readonly<Record<string, unknown>>;
  runId: string;
  createdAtEpochMs: number;
  /** Null when the workflow was deleted from DBOS. */
  dbosStatus: string | null;
  updatedAtEpochMs: number | null;
  startedAtEpochMs: number | null;
  completedAtEpochMs: number | null;
  recoveryAttempts: number | null;
  forkedFrom: string | null;
  title: string | null;
  steps: number;
  /** The beginning of the document, read from its blob for the list; the table of commands holds no text. */
  preview: string | null;
}>;
