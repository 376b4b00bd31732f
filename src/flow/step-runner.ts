import { setTimeout as sleep } from "node:timers/promises";
import { SLEEP } from "../domain/run.ts";
import {
  type Committed,
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
import {
  type Ahead,
  type AheadDeps,
  createAhead,
  NOTHING_AHEAD,
  type RunBody,
  type RunSteps,
  type Work,
} from "./look-ahead.ts";
import { isOutage } from "./outage.ts";
import { recordableError } from "./recordable-error.ts";
import type { Slots } from "./slots.ts";
import type { FollowedStep, UnrecordedSteps } from "./stalled-steps.ts";

export type StepRunnerDeps = Readonly<{
  store: Pick<Store, "whenAvailable">;
  drain: DrainGate;
  slots: Slots;
  unrecorded: UnrecordedSteps;
  log: Pick<Log, "stepCompleted" | "stepAttemptFailed" | "hostShortage">;
}> &
  AheadDeps;

/**
 * Runs the steps of one execution, until the drain gate closes. What the last attempt writes and DBOS's record of the step are one
 * transaction. Short steps that follow are made ahead, and their transactions are sent together.
 */
export function createStepRunner(
  deps: StepRunnerDeps,
  execution: WorkflowExecution,
  journal: ExecutionJournal,
  { body, sleepMs }: Readonly<{ body: RunBody<unknown>; sleepMs: number }>,
): Pick<RunSteps, "step"> & StepFacts {
  const ahead = createAhead(deps, execution.runId, { body, sleepMs });
  const ran = new Set<string>();
  const runStep = <Output extends object>(name: string, retry: RetryPolicy, work: Work<Output>) =>
    deps.slots.run(() =>
      deps.drain.run(async () => {
        const followed = deps.unrecorded.follow();
        let release: (() => void) | undefined;
        const keep = (next?: () => void) => {
          release?.();
          release = next;
        };
        try {
          return await execution.runStep(name, retry, (attempt) => {
            ran.add(name);
            const isLast = attempt.number >= (retry.maxAttempts ?? 1);
            const step = { runId: execution.runId, step: name, followed, ahead, keep };
            return runAttempt(deps, journal, step, work, { ...attempt, isLast });
          });
        } finally {
          keep();
          followed.end();
        }
      }),
    );
  return {
    async step(name, retry, work) {
      const output = await (ahead.isRecorded(name)
        ? execution.runStep(name, retry, runAgain)
        : runStep(name, retry, work));
      ahead.noteDone(name, output);
      return output;
    },
    noteSlept: () => ahead.noteDone(SLEEP, {}),
    ranHere: (name) => ran.has(name) || ahead.isRecorded(name),
  };
}

type StepFacts = Readonly<{
  /** The sleep is over. */
  noteSlept(): void;
  /** Whether this execution ran the step, as opposed to finding it recorded. */
  ranHere(name: string): boolean;
}>;

async function runAgain(): Promise<never> {
  throw new Error("a step that this execution has recorded is run again");
}

type AttemptedStep = Readonly<{
  runId: string;
  step: string;
  followed: FollowedStep;
  ahead: Ahead;
  /**
   * Calls `release` when the step is recorded, and at the next call: DBOS makes its record after the attempt, and repeats the write
   * first when the connection breaks.
   */
  keep(release?: () => void): void;
}>;

const NONE: Committed = { count: 0 };

/** The output carries the number of the attempt, which DBOS does not store. */
async function runAttempt<Output extends object>(
  { store, log }: StepRunnerDeps,
  journal: ExecutionJournal,
  { runId, step, followed, ahead, keep }: AttemptedStep,
  work: Work<Output>,
  attemptOf: StepAttempt & Readonly<{ isLast: boolean }>,
): Promise<Output & { attempt: number }> {
  const { number: attempt, join, record, getCancelSignal, isLast } = attemptOf;
  const began = performance.now();
  const name = { runId, step };
  try {
    const done = await retryHostShortage(
      () => work(getCancelSignal),
      (error) => log.hostShortage({ ...name, error }),
    );
    const { output, write, writeFirst, otherwise, release } = done;
    keep(release);
    const completedAt = Date.now();
    const following = write === undefined ? NOTHING_AHEAD : await ahead.find(step, { ...output, attempt });
    followed.waitForDatabase();
    const added = writeFirst === undefined ? undefined : await withTypedOutage(() => join(writeFirst));
    const made = { ...output, ...added, attempt };
    const recordMade = () => {
      const refusal = ahead.takeRefusal(step);
      if (refusal !== undefined) throw refusal.error;
      return write === undefined ? NONE : record(made, write, { completedAt, ...following });
    };
    const outcome = await withTypedOutage(async () => ({
      result: made,
      committed: await recordMade(),
    })).catch(async (error: unknown) => {
      const other = await otherwise?.(error);
      if (other === undefined) throw error;
      return { result: { ...other, attempt }, committed: NONE };
    });
    log.stepCompleted({ ...name, attempt, ms: Math.round(performance.now() - began - following.tookMs) });
    ahead.note(following, outcome.committed);
    return outcome.result;
  } catch (error) {
    keep();
    if (isEngineError(error)) throw error;
    log.stepAttemptFailed({ ...name, attempt, error });
    // An outage costs one attempt, however long it is: further attempts would fail while it lasts.
    if (isOutage(error)) await store.whenAvailable();
    await journal.attemptFailed(name.step, attempt, error);
    if (!isOutage(error)) followed.end();
    // The receiver of the side effect has sent a `retry-after`.
    if (error instanceof RunFailure && error.retryAfterMs > 0 && !isLast) await sleep(error.retryAfterMs);
    throw recordableError(error);
  }
}
