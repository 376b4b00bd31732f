/** Lets so many pieces of work run at once; further ones wait their turn. */
export type Slots = Readonly<{
  /** Resolves when a slot is free, which is then taken until `leave`. */
  take(): Promise<void>;
  leave(): void;
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  use(): SlotUse;
}>;

/** `limit` is null where any number may work. */
export type SlotUse = Readonly<{ limit: number | null; working: number; waiting: number }>;

/** @param limit undefined: any number */
export function createSlots(limit: number | undefined): Slots {
  const waiting: (() => void)[] = [];
  let working = 0;
  const take = async () => {
    if (working >= (limit ?? Number.POSITIVE_INFINITY)) {
      // The work that ends passes its slot on.
      await new Promise<void>((resolve) => waiting.push(resolve));
      return;
    }
    working += 1;
  };
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) working -= 1;
    else next();
  };
  return {
    take,
    leave,
    async run(work) {
      await take();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    use: () => ({ limit: limit ?? null, working, waiting: waiting.length }),
  };
}
