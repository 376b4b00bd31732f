import { SLEEP } from "../domain/run.ts";
import type { Committed, RetryPolicy, StepAttempt, StepBehind } from "../engine/index.ts";
import type { Log } from "../log.ts";
import type { StepResult } from "./steps.ts";

/** The work of one attempt at a step; `getCancelSignal` is called before work outside of this process. */
export type Work<Output> = (getCancelSignal: StepAttempt["getCancelSignal"]) => Promise<StepResult<Output>>;

/** How a run works through its steps. */
export type RunSteps = Readonly<{
  step<Output extends object>(name: string, retry: RetryPolicy, work: Work<Output>): Promise<Output>;
  sleep(): Promise<void>;
  /** Runs of attachments may wait in the queue. */
  pollForAttachments(): void;
}>;

/** The steps of a run in their order. Called a second time it gives the same, for it decides by the outputs of the steps alone. */
export type RunBody<Output> = (steps: RunSteps) => Promise<Output>;

/** Steps whose work is done before their turn; `result` is the output of the run, where they are the last ones. */
export type StepsAhead = Readonly<{
  behind: readonly (StepBehind & Readonly<{ ms: number }>)[];
  result?: Readonly<{ output: unknown }>;
  tookMs: number;
}>;

export const NOTHING_AHEAD: StepsAhead = { behind: [], tookMs: 0 };

export type AheadDeps = Readonly<{
  log: Pick<Log, "stepCompleted">;
  /** Each step waits for the record of the one before, so that a span of a trace shows its work. */
  isTraced: boolean;
}>;

/** What one execution has made of its steps before their turn. */
export type Ahead = ReturnType<typeof createAhead>;

export function createAhead(
  { log, isTraced }: AheadDeps,
  runId: string,
  { body, sleepMs }: Readonly<{ body: RunBody<unknown>; sleepMs: number }>,
) {
  const done = new Map<string, object>();
  const recorded = new Set<string>();
  const refusals = new Map<string, Readonly<{ error: unknown }>>();
  return {
    /** The step had its turn. */
    noteDone: (name: string, output: object) => void done.set(name, output),
    /** The steps that can be made behind the one whose work is done. */
    find: (name: string, output: object): StepsAhead | Promise<StepsAhead> =>
      isTraced ? NOTHING_AHEAD : lookAhead(body, new Map([...done, [name, output]]), sleepMs),
    note({ behind }: StepsAhead, { count, error }: Committed): void {
      for (const step of behind.slice(0, count)) {
        recorded.add(nameOf(step));
        if (!("sleepMs" in step)) log.stepCompleted({ runId, step: step.name, attempt: 1, ms: step.ms });
      }
      // Without an error nothing was sent: the record of the step before was made in another way.
      const refused = error === undefined ? undefined : behind[count];
      if (refused !== undefined) refusals.set(nameOf(refused), { error });
    },
    isRecorded: (name: string) => recorded.has(name),
    /** Why the record of a step was refused that was made ahead. It counts as the first attempt at the step. */
    takeRefusal(name: string): Readonly<{ error: unknown }> | undefined {
      const refusal = refusals.get(name);
      refusals.delete(name);
      return refusal;
    },
  };
}

const nameOf = (step: StepBehind): string => ("sleepMs" in step ? SLEEP : step.name);

/**
 * Does the work of the steps that follow those in `done`, by name with their outputs: as far as it takes a moment in this process and
 * changes nothing outside of the transaction of its step. A sleep is begun, and what comes after it waits for its end.
 *
 * A step that fails here is left to its own turn, in which it fails again, and is retried.
 */
export async function lookAhead(
  body: RunBody<unknown>,
  done: ReadonlyMap<string, object>,
  sleepMs: number,
): Promise<StepsAhead> {
  const outputs = new Map(done);
  const behind: StepsAhead["behind"][number][] = [];
  const startedMs = performance.now();
  const steps: RunSteps = {
    async step<Output extends object>(name: string, retry: RetryPolicy, work: Work<Output>) {
      const known = outputs.get(name);
      if (known !== undefined) return known as Output;
      if (retry.isExternal) throw END_OF_LOOK_AHEAD;
      const startedAt = Date.now();
      const began = performance.now();
      const { output, write, release } = await work(endLookAhead);
      if (write === undefined) {
        release?.();
        throw END_OF_LOOK_AHEAD;
      }
      const result = { ...output, attempt: 1 };
      const ms = Math.round(performance.now() - began);
      behind.push({ name, output: result, write, startedAt, completedAt: Date.now(), ms });
      outputs.set(name, result);
      return result;
    },
    async sleep() {
      if (outputs.has(SLEEP)) return;
      if (sleepMs > 0) behind.push({ sleepMs, ms: 0 });
      throw END_OF_LOOK_AHEAD;
    },
    pollForAttachments: () => undefined,
  };
  try {
    const output = await body(steps);
    return { behind, result: { output }, tookMs: performance.now() - startedMs };
  } catch {
    return { behind, tookMs: performance.now() - startedMs };
  }
}

/** Thrown where a step has to wait for its turn. One for all: an error of its own would take its stack each time. */
const END_OF_LOOK_AHEAD = new Error("the step waits for its turn");

function endLookAhead(): never {
  throw END_OF_LOOK_AHEAD;
}
