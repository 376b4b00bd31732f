/** Counts what different keys take: each may take `burst` at once and one more in every `refillMs`. */
export type RateLimit = Readonly<{
  /** How long until the key may take again, in milliseconds; 0 when it may now. */
  waitMs(key: string): number;
  take(key: string): void;
}>;

/** What a quotient of times may be off. */
const ROUNDING_MS = 1e-6;

/** The keys that are remembered; the one that was counted least recently is forgotten first. */
const MAX_KEYS = 10_000;

export function createRateLimit({
  burst,
  refillMs,
  now = () => performance.now(),
}: {
  burst: number;
  refillMs: number;
  now?: () => number;
}): RateLimit {
  const taken = new Map<string, Readonly<{ count: number; atMs: number }>>();
  const countOf = (key: string): number => {
    const entry = taken.get(key);
    return entry === undefined ? 0 : Math.max(0, entry.count - (now() - entry.atMs) / refillMs);
  };
  return {
    waitMs: (key) => Math.max(0, Math.ceil((countOf(key) - burst + 1) * refillMs - ROUNDING_MS)),
    take(key) {
      const count = countOf(key) + 1;
      taken.delete(key);
      taken.set(key, { count, atMs: now() });
      const [oldest] = taken.keys();
      if (taken.size > MAX_KEYS && oldest !== undefined) taken.delete(oldest);
    },
  };
}
