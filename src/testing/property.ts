import fc from "fast-check";

type PropertyOptions = Readonly<{ runs: number; seed: number }>;

/**
 * Checks `holds` on random inputs, the same ones for the same seed. A failure names the seed and the smallest input that
 * fast-check could shrink it to; `holds` fails by throwing.
 */
export async function checkProperty<Input>(
  inputs: fc.Arbitrary<Input>,
  { runs, seed }: PropertyOptions,
  holds: (input: Input) => Promise<void> | void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      await holds(input);
    }),
    { numRuns: runs, seed },
  );
}
