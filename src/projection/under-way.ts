import { RUN_STEPS } from "../domain/run.ts";
import type { RunView } from "./run-view.ts";

/** What a run that has not ended is doing, by its recorded steps. Valid until the run changes. */
export type UnderWay =
  | Readonly<{ kind: "asleep"; untilEpochMs: number }>
  /** `name`: the step after the last completed one; null when every step is recorded and the run has not ended yet. */
  | Readonly<{ kind: "step"; name: string | null }>;

/** DBOS records a sleep when it begins, with the time at which it will end. */
export function underWayOf({ timeline }: RunView, nowEpochMs: number): UnderWay {
  const untilEpochMs = timeline.at(-1)?.completed_at_epoch_ms ?? 0;
  if (untilEpochMs > nowEpochMs) return { kind: "asleep", untilEpochMs };
  return { kind: "step", name: RUN_STEPS[timeline.length] ?? null };
}
