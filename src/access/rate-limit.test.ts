import assert from "node:assert/strict";
import { test } from "node:test";
import { createRateLimit } from "./rate-limit.ts";

test("a rate limit allows a burst, then one in each interval, to every key by itself", () => {
  let nowMs = 0;
  const limit = createRateLimit({ burst: 2, refillMs: 1_000, now: () => nowMs });
  const take = (key: string) => {
    const waitMs = limit.waitMs(key);
    if (waitMs === 0) limit.take(key);
    return waitMs;
  };
  assert.deepEqual([take("a"), take("a"), take("a"), take("b")], [0, 0, 1_000, 0]);
  nowMs = 400;
  assert.equal(take("a"), 600);
  nowMs = 1_000;
  assert.deepEqual([take("a"), take("a")], [0, 1_000]);
  nowMs = 60_000;
  assert.deepEqual([take("a"), take("a"), take("a")], [0, 0, 1_000], "a pause gives no more than the burst");
});

test("a rate limit forgets keys rather than grow without bound", () => {
  const limit = createRateLimit({ burst: 1, refillMs: 1_000_000, now: () => 0 });
  for (let index = 0; index < 20_000; index += 1) limit.take(`key ${index}`);
  assert.equal(limit.waitMs("key 0"), 0);
  assert.ok(limit.waitMs("key 19999") > 0);
});
