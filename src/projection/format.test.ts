import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAgo, formatBytes, formatCount, formatDuration, shortRunId } from "./format.ts";

test("a duration has at most two units", () => {
  const said = [0, 850, 1_000, 3_210, 59_940, 59_960, 250_000, 7_500_000, 90_000_000, 273_600_000].map(
    formatDuration,
  );
  assert.deepEqual(said, [
    "0 ms",
    "850 ms",
    "1.0 s",
    "3.2 s",
    "60 s",
    "1 min",
    "4 min 10 s",
    "2 h 5 min",
    "1 d 1 h",
    "3 d 4 h",
  ]);
});

test("a time in the future is now", () => {
  assert.equal(formatAgo(2_000, 1_000), "now");
  assert.equal(formatAgo(0, 61_000), "1 min ago");
  assert.equal(formatAgo(0, 3 * 86_400_000), "3 d ago");
});

test("bytes and counts are rounded for people", () => {
  assert.deepEqual([105, 2_745, 999_600, 32_000_000].map(formatBytes), [
    "105 B",
    "2.7 kB",
    "1.0 MB",
    "32 MB",
  ]);
  assert.equal(formatCount(1, "step"), "1 step");
  assert.equal(formatCount(2_000, "step"), "2,000 steps");
});

test("a generated id is shortened, an id that a client chose is not", () => {
  assert.equal(shortRunId("0f6d1c9e-5b0a-4a53-9d0e-7d1f0c2b9a44"), "0f6d1c9e");
  assert.equal(shortRunId("nightly-import"), "nightly-import");
});
