import { settledWithin } from "../time-limit.ts";

/** Lets steps begin until it is closed, and knows how many are under way. */
export type DrainGate = Readonly<{
  /** Does the work of a step. Once the gate is closed it never begins: the run waits here for another program to take it up. */
  pass<Result>(work: () => Promise<Result>): Promise<Result>;
  isClosed(): boolean;
  /** Lets no more steps begin and waits for those under way, up to `limitMs`. */
  close(limitMs: number): Promise<void>;
}>;

export function drainGate(): DrainGate {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  return {
    pass(work) {
      if (closed) return new Promise(() => undefined);
      const working = work();
      underWay.add(working);
      const leave = () => underWay.delete(working);
      working.then(leave, leave);
      return working;
    },
    isClosed: () => closed,
    async close(limitMs) {
      closed = true;
      await settledWithin(limitMs, Promise.allSettled(underWay));
    },
  };
}
