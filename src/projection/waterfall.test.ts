import assert from "node:assert/strict";
import { test } from "node:test";
import { processorMsOf } from "../testing/processor-time.ts";
import type { TimelineEntry } from "./run-view.ts";
import { waterfallOf } from "./waterfall.ts";

function step(function_id: number, name: string, from: number, to: number | null): TimelineEntry {
  return {
    function_id,
    function_name: name,
    started_at_epoch_ms: from,
    completed_at_epoch_ms: to,
    duration_ms: to === null ? null : to - from,
    attempt: 1,
    output: null,
    error: null,
    io_hashes: { in: [], out: [] },
  };
}

test("work keeps its proportions while a day of sleep is shortened", () => {
  const day = 86_400_000;
  const steps = [
    step(0, "a", 0, 100),
    step(1, "DBOS.sleep", 100, 100 + day),
    step(2, "b", 100 + day, 300 + day),
  ];
  const { bars, breaks, workMs, totalMs } = waterfallOf(steps, { from: 0, to: 300 + day });
  const [a, sleep, b] = bars;
  assert.equal(workMs, 300);
  assert.equal(totalMs, 300 + day);
  assert.ok(Math.abs((b?.width ?? 0) / (a?.width ?? 1) - 2) < 0.01, "b took twice as long as a");
  assert.ok((sleep?.width ?? 100) < 25, "the sleep is a fraction of the picture");
  assert.deepEqual(
    breaks.map(({ ms }) => ms),
    [day],
  );
});

test("bars follow each other without holes and stay within the picture", () => {
  const steps = [step(0, "a", 0, 50), step(1, "b", 50, 75), step(2, "c", 75, 100)];
  const { bars, breaks } = waterfallOf(steps, { from: 0, to: 100 });
  assert.deepEqual(
    bars.map(({ x, width }) => [x, width]),
    [
      [0, 50],
      [50, 25],
      [75, 25],
    ],
  );
  assert.deepEqual(breaks, []);
});

test("a sleep that has not ended lasts as long as it has so far", () => {
  const { bars } = waterfallOf([step(0, "DBOS.sleep", 0, 10_000)], { from: 0, to: 1_000 });
  assert.deepEqual(
    bars.map(({ x, width, kind }) => [x, width, kind]),
    [[0, 100, "sleep"]],
  );
});

test("no step, a step without times and a run that ended as it began are drawn all the same", () => {
  assert.deepEqual(waterfallOf([], { from: 5, to: 5 }).bars, []);
  const untimed = { ...step(0, "a", 0, 0), started_at_epoch_ms: null };
  assert.deepEqual(waterfallOf([untimed], { from: 5, to: 5 }).bars, []);
  const [bar] = waterfallOf([step(0, "a", 5, 5)], { from: 5, to: 5 }).bars;
  assert.ok(bar !== undefined && bar.x + bar.width <= 100);
});

test("ten thousand steps are laid out in a moment", async () => {
  const steps = Array.from({ length: 10_000 }, (_, id) => step(id, "s", id * 10, id * 10 + 5));
  const layOut = () => waterfallOf(steps, { from: 0, to: 100_000 });
  const { bars } = layOut();
  assert.equal(bars.length, 10_000);
  assert.ok(bars.every(({ x, width }) => x >= 0 && x + width <= 101));
  assert.ok((await processorMsOf(layOut)) < 500);
});
