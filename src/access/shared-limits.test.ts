import assert from "node:assert/strict";
import { test } from "node:test";
import type { RateLimit } from "./rate-limit.ts";
import { createSharedLimits, type Take } from "./shared-limits.ts";

test("the processes of a program together allow as much as one", () => {
  const [left, right] = createPair();
  const guess = (limits: typeof left) => tryTake(limits.guesses, "address ");
  const guesses = Array.from({ length: 24 }, (_, serial) => guess(serial % 2 === 0 ? left : right));
  assert.equal(guesses.filter((isAllowed) => isAllowed).length, 10);
  assert.equal(tryTake(right.guesses, "another "), true);

  const requests = Array.from({ length: 9 }, (_, serial) =>
    tryTake((serial % 2 === 0 ? left : right).requestsAt(5), "token"),
  );
  assert.equal(requests.filter((isAllowed) => isAllowed).length, 5);
});

test("a guess that is refused is not announced", () => {
  const announced: Take[] = [];
  const { guesses } = createSharedLimits({
    announceTake: (take) => announced.push(take),
    onTake: () => undefined,
  });
  for (let serial = 0; serial < 100; serial += 1) guesses.take("address ");
  assert.equal(announced.length, 10);
});

function createPair() {
  const listeners: ((take: Take) => void)[] = [];
  const [left, right] = [0, 1].map((index) =>
    createSharedLimits(
      {
        announceTake: (take) => listeners[1 - index]?.(take),
        onTake: (listener) => {
          listeners[index] = listener;
        },
      },
      () => 0,
    ),
  );
  assert.ok(left !== undefined && right !== undefined);
  return [left, right] as const;
}

function tryTake(limit: RateLimit, key: string): boolean {
  if (limit.waitMs(key) > 0) return false;
  limit.take(key);
  return true;
}
