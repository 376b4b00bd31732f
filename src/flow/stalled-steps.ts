/** A step whose work is done and that waits for the database for longer than this counts as stalled. */
const STALLED_AFTER_MS = 30_000;

/** The steps whose work is done and whose outcome is not yet stored and recorded. */
export type UnrecordedSteps = Readonly<{
  /** Begins to follow a step. */
  follow(): FollowedStep;
  /** How many steps have waited for the database for longer than they should. */
  countStalled(): number;
}>;

export type FollowedStep = Readonly<{
  /** The work is done; from now on the step waits for the database. May be called again by the next attempt. */
  waitForDatabase(): void;
  /** The step is recorded, or its attempt failed for another reason than the database. */
  end(): void;
}>;

export function createUnrecordedSteps(now: () => number = () => performance.now()): UnrecordedSteps {
  const waitingSince = new Map<object, number>();
  return {
    follow() {
      const key = {};
      return {
        waitForDatabase() {
          if (!waitingSince.has(key)) waitingSince.set(key, now());
        },
        end: () => void waitingSince.delete(key),
      };
    },
    countStalled() {
      const before = now() - STALLED_AFTER_MS;
      return [...waitingSince.values()].filter((since) => since < before).length;
    },
  };
}
