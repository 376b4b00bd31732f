import { RUN_STEPS } from "../domain/run.ts";
import type { RunView } from "./run-view.ts";

/**
 * Up to which step a run can be forked: from a step on whose every predecessor completed. A run that is none of this
 * program's documents (no `intent`) cannot be forked at all: -1.
 */
export function lastForkableStep({ header, timeline }: RunView): number {
  if (header.intent === null) return -1;
  const firstOpen = timeline.findIndex(
    ({ function_id, error }, index) => function_id !== index || error !== null,
  );
  return Math.min(firstOpen === -1 ? timeline.length : firstOpen, RUN_STEPS.length - 1);
}
