import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { RUN_STEPS } from "../domain/run.ts";
import type { OperationRow } from "../domain/run-record.ts";
import { artifactOf, hashOf, operationOf, recordOf } from "../testing/records.ts";
import { exportViewOf, provenanceOf, runViewOf } from "./run-view.ts";

describe("a run's status", () => {
  for (const [dbosStatus, status] of [
    ["SUCCESS", "done"],
    ["ERROR", "error"],
    ["CANCELLED", "error"],
    ["RETRIES_EXCEEDED", "error"],
    ["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "error"],
    ["PENDING", "running"],
    ["ENQUEUED", "running"],
    ["DELAYED", "running"],
    ["SOMETHING_NEW", "unknown"],
  ] as const) {
    test(`is ${status} where DBOS says ${dbosStatus}, whatever else its rows say`, () => {
      const view = runViewOf(recordOf({ status: dbosStatus }));
      assert.deepEqual([view.status, view.dbos_status], [status, dbosStatus]);
      const bare = runViewOf(recordOf({ status: dbosStatus }, { operations: [], artifacts: [] }));
      assert.deepEqual([bare.status, bare.timeline, bare.artifacts], [status, [], []]);
    });
  }
});

describe("a timeline", () => {
  test("has the steps in the order of their rows, with how long each took", () => {
    const { timeline } = runViewOf(recordOf());
    assert.deepEqual(
      timeline.map(({ function_id, function_name }) => [function_id, function_name]),
      RUN_STEPS.map((step, index) => [index, step]),
    );
    assert.ok(timeline.every(({ duration_ms }) => duration_ms === 50));
  });

  test("shows no time that was not recorded", () => {
    const [step] = timelineOf([operationOf("docir", { completed_at_epoch_ms: null })]);
    assert.deepEqual([step?.completed_at_epoch_ms, step?.duration_ms], [null, null]);
    const [instant] = timelineOf([
      operationOf("docir", { started_at_epoch_ms: 0, completed_at_epoch_ms: 0 }),
    ]);
    assert.equal(instant?.duration_ms, 0);
  });

  test("says how many attempts a step took where its output does, and one for a sleep", () => {
    const outputs = ['{"json":{"attempt":3}}', '{"attempt":2}', '{"json":{}}', "null", "{damaged", null];
    const attempts = outputs.map((output) => timelineOf([operationOf("memo", { output })])[0]?.attempt);
    assert.deepEqual(attempts, [3, 2, null, null, null, null]);
    assert.equal(timelineOf([operationOf("DBOS.sleep", { output: "1700000000000" })])[0]?.attempt, 1);
  });

  test("has the hashes of what a step read and made from the rows of artifacts, not from its output", () => {
    const forged = JSON.stringify({ json: { inputs: [hashOf("forged")], receipt_sha256: hashOf("forged") } });
    const { timeline } = runViewOf(recordOf({}, { operations: [operationOf("docir", { output: forged })] }));
    assert.deepEqual(timeline[0]?.io_hashes, { in: [hashOf("raw")], out: [hashOf("docir")] });
  });

  test("has the hashes of the output where a step makes no artifact, and ignores what is not a hash", () => {
    const output = (value: object) =>
      timelineOf([operationOf("side-effect", { output: JSON.stringify(value) })]);
    assert.deepEqual(
      output({ inputs: [hashOf("raw"), hashOf("memo")], receipt_sha256: hashOf("r") })[0]?.io_hashes,
      {
        in: [hashOf("raw"), hashOf("memo")],
        out: [hashOf("r")],
      },
    );
    assert.deepEqual(
      output({ inputs: ["text", 5, null, "A".repeat(64)], receipt_sha256: {} })[0]?.io_hashes,
      {
        in: [],
        out: [],
      },
    );
  });

  test("reads a damaged output as null", () => {
    assert.equal(timelineOf([operationOf("prepare", { output: "{" })])[0]?.output, null);
    const [drill] = timelineOf([
      operationOf("prepare", { output: '{"json":{"prepared":"MISSING_SOURCE"}}' }),
    ]);
    assert.deepEqual(drill?.output, { prepared: "MISSING_SOURCE" });
  });
});

describe("an error", () => {
  const secret = "relation jejakekal.blob at /work/src/x.ts";
  const shown = (value: unknown) => runViewOf(recordOf({ error: JSON.stringify(value) })).header.error;

  test("with a code of this program has the message of the failure table", () => {
    const error = { code: "FAILED_NO_ARTIFACT", message: secret, stack: secret };
    assert.equal(shown({ json: error })?.code, "FAILED_NO_ARTIFACT");
    assert.equal(shown({ errors: [{ code: "23505" }, { cause: error }] })?.code, "FAILED_NO_ARTIFACT");
    assert.ok(!JSON.stringify(shown({ json: error })).includes("jejakekal"));
  });

  test("of any other kind is step_failed", () => {
    for (const value of [
      { message: secret },
      { code: "toString" },
      secret,
      null,
      [secret],
      { cause: { cause: secret } },
    ]) {
      assert.deepEqual(shown(value), {
        code: "step_failed",
        message: "The step failed. The log has the details.",
      });
    }
    assert.equal(runViewOf(recordOf({ error: "{damaged" })).header.error?.code, "step_failed");
  });

  test("that refers to itself is read to a limited depth", () => {
    const deep = Array.from({ length: 50 }).reduce<object>((cause) => ({ cause }), {
      code: "FAILED_NO_ARTIFACT",
    });
    assert.equal(shown(deep)?.code, "step_failed");
  });
});

describe("an export's view", () => {
  test("is the run's, with artifacts named by their type and the bundle's path, and partial only when it is", () => {
    const view = runViewOf(recordOf());
    const { artifacts, run_bundle_path, ...rest } = exportViewOf({
      view,
      bundlePath: "/b/run-1",
      partial: false,
    });
    const { artifacts: _, ...same } = view;
    assert.deepEqual(rest, same);
    assert.equal(run_bundle_path, "/b/run-1");
    assert.deepEqual(
      artifacts.map(({ id, artifact_id }) => [id, artifact_id]),
      ARTIFACT_TYPES.map((type) => [type, `run-1:${type}`]),
    );
    assert.equal(exportViewOf({ view, bundlePath: "/b", partial: true }).partial, true);
  });
});

describe("an artifact's provenance", () => {
  test("names the run, the step, what it was made from and how", () => {
    assert.deepEqual(
      provenanceOf(artifactOf({ type: "memo", inputs: [hashOf("docir"), hashOf("chunk-index")] })),
      {
        run_id: "run-1",
        producer_function_id: 4,
        producer_step: "memo",
        inputs: [hashOf("docir"), hashOf("chunk-index")],
        recipe: { name: "memo" },
      },
    );
  });
});

/** The timeline of a run that has these steps and has made nothing. */
function timelineOf(operations: readonly OperationRow[]) {
  return runViewOf(recordOf({}, { operations, artifacts: [] })).timeline;
}
