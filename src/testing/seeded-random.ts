/** A source of random values that gives the same values for the same seed, so that a failure can be repeated. */
export type SeededRandom = Readonly<{
  /** A number from 0, less than 1. */
  next(): number;
  /** A whole number from 0, less than `limit`. */
  below(limit: number): number;
}>;

/** Mulberry32, by Tommy Ettinger (public domain). */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
  };
}
