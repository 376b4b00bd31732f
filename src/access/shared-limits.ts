import { createRateLimit, type RateLimit } from "./rate-limit.ts";

/** What a request or a guess takes from a limit: from that of tokens with this rate, or from that of guesses (null). */
export type Take = Readonly<{ ratePerMin: number | null; key: string }>;

/** The other processes of the program. */
export type LimitPeers = Readonly<{
  announceTake(take: Take): void;
  /** Has `listener` called for what others announce. */
  onTake(listener: (take: Take) => void): void;
}>;

export type SharedLimits = Readonly<{
  /** Guesses of one address: ten at once, then one in six seconds. */
  guesses: RateLimit;
  /** A token may send the requests of a minute at once, and then one after the other in equal intervals. */
  requestsAt(ratePerMin: number): RateLimit;
}>;

const GUESSES = { burst: 10, refillMs: 6_000 } as const;

/**
 * The limits of the program. Each of its processes counts what it allows and tells the others, so that many processes allow as much
 * as one; what arrives at several of them within the same millisecond can exceed a limit by one for each.
 */
export function createSharedLimits(peers: LimitPeers | undefined, now?: () => number): SharedLimits {
  const guesses = createRateLimit({ ...GUESSES, ...(now && { now }) });
  const requests = new Map<number, RateLimit>();
  const ownLimit = (ratePerMin: number | null): RateLimit => {
    if (ratePerMin === null) return guesses;
    const known = requests.get(ratePerMin);
    if (known !== undefined) return known;
    const limit = createRateLimit({
      burst: ratePerMin,
      refillMs: 60_000 / ratePerMin,
      ...(now && { now }),
    });
    requests.set(ratePerMin, limit);
    return limit;
  };
  peers?.onTake(({ ratePerMin, key }) => ownLimit(ratePerMin).take(key));
  const share = (ratePerMin: number | null): RateLimit => {
    const limit = ownLimit(ratePerMin);
    return {
      waitMs: limit.waitMs,
      take(key) {
        // What is refused anyway is not announced, so a flood of guesses is no flood of messages.
        if (limit.waitMs(key) === 0) peers?.announceTake({ ratePerMin, key });
        limit.take(key);
      },
    };
  };
  return { guesses: share(null), requestsAt: share };
}
