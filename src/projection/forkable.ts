import { RUN_STEPS } from "../domain/run.ts";
import type { RunView } from "./run-view.ts";

/** The last function id from which a run can be forked: every step before it has completed. -1 for an imported run. */
export function lastForkableStep({ header, timeline }: RunView): number {
  if (header.imported !== null) return -1;
  const firstOpen = timeline.findIndex(
    ({ function_id, error }, index) => function_id !== index || error !== null,
  );
  return Math.min(firstOpen === -1 ? timeline.length : firstOpen, RUN_STEPS.length - 1);
}
