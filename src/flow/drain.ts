import { settleWithin } from "../timeout.ts";

/** Admits steps until it is closed, and counts those under way. */
export type DrainGate = Readonly<{
  /** Runs a step. Once the gate is closed the step never begins: the run waits for another program to recover it. */
  run<Result>(step: () => Promise<Result>): Promise<Result>;
  isClosed(): boolean;
  /** Admits no more steps, and waits for those under way for `timeoutMs` at most. */
  close(timeoutMs: number): Promise<void>;
}>;

export function createDrainGate(): DrainGate {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  return {
    run(step) {
      if (closed) return new Promise(() => undefined);
      const running = step();
      underWay.add(running);
      const remove = () => underWay.delete(running);
      running.then(remove, remove);
      return running;
    },
    isClosed: () => closed,
    async close(timeoutMs) {
      closed = true;
      await settleWithin(Promise.allSettled(underWay), timeoutMs);
    },
  };
}
