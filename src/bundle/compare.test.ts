import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bundleFilesOf, memoryReader } from "../testing/bundles.ts";
import { comparableOf } from "./comparable.ts";
import { compareRuns } from "./compare.ts";
import { verifyBundle } from "./verify/verify.ts";

async function runOf(options: Parameters<typeof bundleFilesOf>[0]) {
  const { contents } = verifyBundle(memoryReader(await bundleFilesOf(options)));
  assert.ok(contents);
  return comparableOf(contents);
}

describe("comparing two runs", () => {
  test("finds runs of the same document equal, and shows their durations beside each other", async () => {
    const { equal, steps, artifacts, left, right } = await compareRuns(
      await runOf({ runId: "a" }),
      await runOf({ runId: "b" }),
    );
    assert.deepEqual([left, right, equal, steps.length, artifacts.length], ["a", "b", true, 7, 4]);
    assert.deepEqual(steps[0]?.left, { duration_ms: 50, attempt: 1, error: null });
  });

  test("names the first difference of each step and artifact", async () => {
    const { equal, steps, artifacts } = await compareRuns(
      await runOf({ source: "# One\n\nThe same.\n" }),
      await runOf({ source: "# Two\n\nThe same.\n" }),
    );
    assert.equal(equal, false);
    assert.deepEqual(
      steps.map(({ function_name, result }) => `${function_name} ${result}`),
      [
        "prepare different",
        "DBOS.sleep equal",
        "docir different",
        "chunk-index different",
        "memo different",
        "side-effect equal",
        "finalize equal",
      ],
    );
    assert.deepEqual(artifacts[0]?.difference, { pointer: "byte 2", left: 79, right: 84 });
    assert.match(artifacts[1]?.difference?.pointer ?? "", /^\/blocks\/0\/id$/);
    assert.ok(artifacts.every(({ result }) => result === "different"));
  });

  test("says which run has a step or an artifact that the other one lacks", async () => {
    const whole = await runOf({});
    const { steps, artifacts } = await compareRuns(whole, {
      ...whole,
      steps: whole.steps.slice(0, 4),
      artifacts: whole.artifacts.slice(0, 3),
    });
    assert.deepEqual([steps[6]?.result, steps[6]?.right], ["only_left", null]);
    assert.deepEqual([artifacts[3]?.result, artifacts[3]?.right], ["only_left", null]);
    const reverse = await compareRuns({ ...whole, artifacts: [] }, whole);
    assert.equal(reverse.artifacts[0]?.result, "only_right");
  });
});
