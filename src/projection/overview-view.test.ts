import assert from "node:assert/strict";
import { test } from "node:test";
import { overviewViewOf } from "./overview-view.ts";

test("the overview counts runs by the state that a page shows, for all times and for each hour", () => {
  const view = overviewViewOf({
    nowEpochMs: 1,
    runs: 20,
    open: [
      { dbosStatus: "PENDING", count: 1 },
      { dbosStatus: "ENQUEUED", count: 2 },
      { dbosStatus: "ERROR", count: 4 },
      { dbosStatus: "CANCELLED", count: 5 },
    ],
    recent: [
      { hour: 0, dbosStatus: "SUCCESS", count: 3 },
      { hour: 23, dbosStatus: "ERROR", count: 1 },
      { hour: 24, dbosStatus: "SOMETHING NEW", count: 1 },
    ],
    oldestUnfinished: [],
    lastFailures: [],
    steps: [
      { name: "memo", count: 1, p50Ms: 2, p95Ms: 3 },
      { name: "prepare", count: 1, p50Ms: 1, p95Ms: 1 },
    ],
  });
  assert.deepEqual(view.all, { runs: 20, running: 3, failed: 4, cancelled: 5 });
  assert.deepEqual(view.day, { runs: 5, done: 3, running: 0, failed: 1, cancelled: 0, unknown: 1 });
  assert.equal(view.hours.length, 24);
  assert.deepEqual([view.hours[0]?.done, view.hours[23]?.failed, view.hours[23]?.unknown], [3, 1, 1]);
  assert.deepEqual(
    view.steps.map(({ name }) => name),
    ["prepare", "memo"],
  );
});
