import { setImmediate as nextTurn } from "node:timers/promises";

/** So much is copied, written or hashed in a few milliseconds. */
export const TURN_BYTES = 2 ** 18;

/**
 * For work on many bytes that must not hold up the other work of this process. The returned function is awaited after each part of the
 * work, with the size of the part: other work has its turn whenever 256 KiB have come together.
 */
export function createByteTurns(): (bytes: number) => Promise<void> {
  let inTurn = 0;
  return async (bytes) => {
    inTurn += bytes;
    if (inTurn < TURN_BYTES) return;
    inTurn = 0;
    await nextTurn();
  };
}
