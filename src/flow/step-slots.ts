/** Lets so many steps work at once; further ones wait their turn. */
export type StepSlots = Readonly<{
  run<Result>(step: () => Promise<Result>): Promise<Result>;
  use(): SlotUse;
}>;

/** `limit` is null where any number of steps may work. */
export type SlotUse = Readonly<{ limit: number | null; working: number; waiting: number }>;

/** @param limit undefined: any number */
export function createStepSlots(limit: number | undefined): StepSlots {
  const waiting: (() => void)[] = [];
  let working = 0;
  const takeSlot = async () => {
    if (working >= (limit ?? Number.POSITIVE_INFINITY)) {
      // The step that ends passes its slot on.
      await new Promise<void>((resolve) => waiting.push(resolve));
      return;
    }
    working += 1;
  };
  const leaveSlot = () => {
    const next = waiting.shift();
    if (next === undefined) working -= 1;
    else next();
  };
  return {
    async run(step) {
      await takeSlot();
      try {
        return await step();
      } finally {
        leaveSlot();
      }
    },
    use: () => ({ limit: limit ?? null, working, waiting: waiting.length }),
  };
}
