import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RunSummary, StepTimes } from "../domain/run-record.ts";
import { runSummaryViewOf } from "./run-summary-view.ts";

const NOW = 10_000;

const step = (
  functionName: string,
  from: number | null,
  to: number | null,
  hasFailed = false,
): StepTimes => ({
  functionName,
  startedAtEpochMs: from,
  completedAtEpochMs: to,
  hasFailed,
});

function viewOf(dbosStatus: string, operations: readonly StepTimes[], more: Partial<RunSummary> = {}) {
  const summary: RunSummary = {
    runId: "run-1",
    dbosStatus,
    createdAtEpochMs: 1,
    updatedAtEpochMs: 2,
    completedAtEpochMs: null,
    executorId: null,
    recoveryAttempts: 1,
    forkedFrom: null,
    title: null,
    mediaType: null,
    openDoubts: 0,
    lastFork: null,
    operations,
    ...more,
  };
  return runSummaryViewOf(summary, NOW);
}

describe("a row of the list of runs", () => {
  test("names the step that a run is at, the sleep while it is under way, and none of a run that is done", () => {
    const prepared = step("prepare", 100, 150);
    assert.equal(viewOf("ENQUEUED", []).step, "prepare");
    assert.equal(viewOf("PENDING", [prepared, step("DBOS.sleep", 150, NOW + 1)]).step, "DBOS.sleep");
    assert.equal(viewOf("PENDING", [prepared, step("DBOS.sleep", 150, NOW - 1)]).step, "docir");
    assert.equal(viewOf("SUCCESS", [prepared]).step, null);
    assert.equal(viewOf("CANCELLED", [prepared]).step, "DBOS.sleep");
  });

  test("names the failed step of a failed run", () => {
    const operations = [
      step("prepare", 100, 150),
      step("DBOS.sleep", 150, 200),
      step("docir", 200, 210, true),
    ];
    assert.equal(viewOf("ERROR", operations).step, "docir");
  });

  test("counts the sleep as waiting, up to now or the end of the run, and the other steps as work", () => {
    const operations = [
      step("prepare", 100, 150),
      step("DBOS.sleep", 150, 99_999),
      step("docir", null, null),
    ];
    const { waited_ms, worked_ms, steps } = viewOf("PENDING", operations);
    assert.deepEqual([waited_ms, worked_ms, steps], [NOW - 150, 50, 3]);
    assert.equal(viewOf("CANCELLED", operations, { completedAtEpochMs: 1_150 }).waited_ms, 1_000);
  });

  test("says that a fork continued it only when it did not succeed", () => {
    assert.equal(viewOf("ERROR", [], { lastFork: "fork-1" }).continued_by, "fork-1");
    assert.equal(viewOf("SUCCESS", [], { lastFork: "fork-1" }).continued_by, null);
  });
});
