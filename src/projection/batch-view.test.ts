import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BatchItemRecord } from "../domain/batch.ts";
import { batchViewOf, summaryInWords } from "./batch-view.ts";

const item = (more: Partial<BatchItemRecord>): BatchItemRecord => ({
  filename: "a.md",
  bytes: 5,
  runId: null,
  refusal: null,
  dbosStatus: null,
  error: null,
  title: null,
  steps: 0,
  ...more,
});
const viewOf = (...items: readonly Partial<BatchItemRecord>[]) =>
  batchViewOf({ batchId: "b", createdAtEpochMs: 0, items: items.map(item) });

describe("the summary of a batch", () => {
  test("counts each document once, by the state of its run", () => {
    const { summary, status } = viewOf(
      { runId: "a", dbosStatus: "SUCCESS" },
      { runId: "b", dbosStatus: "ERROR" },
      { runId: "c", dbosStatus: "CANCELLED" },
      { runId: "a", dbosStatus: "SUCCESS" },
      { refusal: { error: "unsupported_media_type" } },
      { runId: "d", dbosStatus: null },
    );
    assert.equal(summaryInWords(summary), "1 done, 2 failed, 1 cancelled, 1 refused, 1 repeated");
    assert.equal(summary.total, 6);
    assert.equal(status, "error");
  });

  test("is running while a run is, and done when every document is", () => {
    assert.equal(
      viewOf({ runId: "a", dbosStatus: "PENDING" }, { runId: "b", dbosStatus: "ERROR" }).status,
      "running",
    );
    const done = { runId: "a", dbosStatus: "SUCCESS" };
    assert.equal(viewOf(done, done).status, "done");
    assert.equal(summaryInWords(viewOf().summary), "no documents");
  });

  test("names the first document with the same bytes", () => {
    const { items } = viewOf({ runId: "a", dbosStatus: "SUCCESS" }, { runId: "a", dbosStatus: "SUCCESS" });
    assert.deepEqual(
      items.map(({ state, repeats }) => [state, repeats]),
      [
        ["done", null],
        ["repeated", 0],
      ],
    );
  });
});
