import type { RunStatus } from "../domain/run.ts";

type StateMarkProps = Readonly<{
  status: RunStatus;
  dbosStatus: string;
}>;

const WORDS: Readonly<Record<RunStatus, string>> = {
  running: "running",
  done: "done",
  error: "error",
  unknown: "unknown status",
};

/** The status of a run as shape and colour, with its word for screen readers. */
export function StateMark({ status, dbosStatus }: StateMarkProps): JSX.Element {
  const isCancelled = status === "error" && dbosStatus === "CANCELLED";
  return (
    <span class="state-mark" data-status={isCancelled ? "cancelled" : status} title={dbosStatus}>
      <span class="visually-hidden" safe>
        {isCancelled ? "cancelled" : WORDS[status]}
      </span>
    </span>
  );
}
