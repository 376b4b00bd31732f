import { setTimeout as sleep } from "node:timers/promises";
import {
  isEngineError,
  type RetryPolicy,
  type StepAttempt,
  type WorkflowExecution,
} from "../engine/index.ts";
import { RunFailure } from "../failure.ts";
import { retryHostShortage } from "../host-shortage.ts";
import type { Log } from "../log.ts";
import { type Store, withTypedOutage } from "../store/index.ts";
import type { DrainGate } from "./drain.ts";
import type { ExecutionJournal } from "./execution-journal.ts";
import { isOutage } from "./outage.ts";
import { recordableError } from "./recordable-error.ts";
import type { Slots } from "./slots.ts";
import type { FollowedStep, UnrecordedSteps } from "./stalled-steps.ts";
import type { StepResult } from "./steps.ts";

export type StepRunnerDeps = Readonly<{
  store: Pick<Store, "whenAvailable">;
  drain: DrainGate;
  slots: Slots;
  unrecorded: UnrecordedSteps;
  log: Pick<Log, "stepCompleted" | "stepAttemptFailed" | "hostShortage">;
}>;

type Work<Output> = (getCancelSignal: StepAttempt["getCancelSignal"]) => Promise<StepResult<Output>>;

/**
 * Runs the steps of one execution, until the drain gate closes. What the last attempt writes and DBOS's record of the step are one
 * transaction.
 */
export function createStepRunner(
  deps: StepRunnerDeps,
  execution: WorkflowExecution,
  journal: ExecutionJournal,
) {
  const ran = new Set<string>();
  return {
    step: <Output extends object>(name: string, retry: RetryPolicy, work: Work<Output>) =>
      deps.slots.run(() =>
        deps.drain.run(async () => {
          const followed = deps.unrecorded.follow();
          try {
            return await execution.runStep(name, retry, (attempt) => {
              ran.add(name);
              const isLast = attempt.number >= (retry.maxAttempts ?? 1);
              return runAttempt(deps, journal, followed, { runId: execution.runId, step: name }, work, {
                ...attempt,
                isLast,
              });
            });
          } finally {
            followed.end();
          }
        }),
      ),
    /** Whether this execution ran the step, as opposed to finding it recorded. */
    ranHere: (name: string) => ran.has(name),
  };
}

/** The output carries the number of the attempt, which DBOS does not store. */
async function runAttempt<Output extends object>(
  { store, log }: StepRunnerDeps,
  journal: ExecutionJournal,
  followed: FollowedStep,
  name: Readonly<{ runId: string; step: string }>,
  work: Work<Output>,
  { number: attempt, join, record, getCancelSignal, isLast }: StepAttempt & Readonly<{ isLast: boolean }>,
): Promise<Output & { attempt: number }> {
  const began = performance.now();
  let release: (() => void) | undefined;
  try {
    const made = await retryHostShortage(
      () => work(getCancelSignal),
      (error) => log.hostShortage({ ...name, error }),
    );
    const { output, write, writeFirst } = made;
    release = made.release;
    followed.waitForDatabase();
    const added = writeFirst === undefined ? undefined : await withTypedOutage(() => join(writeFirst));
    const result = { ...output, ...added, attempt };
    if (write !== undefined) await withTypedOutage(() => record(result, write));
    log.stepCompleted({ ...name, attempt, ms: Math.round(performance.now() - began) });
    return result;
  } catch (error) {
    if (isEngineError(error)) throw error;
    log.stepAttemptFailed({ ...name, attempt, error });
    // An outage costs one attempt, however long it is: further attempts would fail while it lasts.
    if (isOutage(error)) await store.whenAvailable();
    await journal.attemptFailed(name.step, attempt, error);
    if (!isOutage(error)) followed.end();
    // The receiver of the side effect has sent a `retry-after`.
    if (error instanceof RunFailure && error.retryAfterMs > 0 && !isLast) await sleep(error.retryAfterMs);
    throw recordableError(error);
  } finally {
    release?.();
  }
}
