import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnrecordedSteps } from "./stalled-steps.ts";

test("a step is stalled when it has waited for the database for more than 30 s, over all its attempts", () => {
  let nowMs = 0;
  const steps = createUnrecordedSteps(() => nowMs);
  const [slow, waiting, recorded] = [steps.follow(), steps.follow(), steps.follow()];
  waiting.waitForDatabase();
  recorded.waitForDatabase();
  nowMs = 20_000;
  waiting.waitForDatabase();
  recorded.end();
  nowMs = 30_000;
  assert.equal(steps.countStalled(), 0);
  nowMs = 30_001;
  assert.equal(steps.countStalled(), 1, "not the one whose work goes on, nor the one that is recorded");
  slow.waitForDatabase();
  waiting.end();
  assert.equal(steps.countStalled(), 0);
  nowMs = 60_002;
  assert.equal(steps.countStalled(), 1);
});
