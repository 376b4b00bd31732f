import type { RunStatus } from "../domain/run.ts";

const WORDS: Readonly<Record<RunStatus, string>> = {
  running: "running",
  done: "done",
  error: "error",
  unknown: "unknown status",
};

/** A status by shape, colour and word: the word is for those who see neither. */
export function StateMark({ status, dbosStatus }: { status: RunStatus; dbosStatus: string }): JSX.Element {
  const word = status === "error" && dbosStatus === "CANCELLED" ? "cancelled" : WORDS[status];
  return (
    <span class="state-mark" data-status={word === "cancelled" ? "cancelled" : status} title={dbosStatus}>
      <span class="visually-hidden" safe>
        {word}
      </span>
    </span>
  );
}
