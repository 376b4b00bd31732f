import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RunFailure } from "../failure.ts";
import { failureCodeOf } from "./failure-code.ts";

/** As DBOS throws it when a step has no attempts left. */
function outOfAttempts(errors: readonly unknown[]): Error {
  return Object.assign(new Error("Step has exceeded its maximum of 8 retries"), { dbosErrorCode: 8, errors });
}

describe("the failure code of an error", () => {
  test("is the error's own, or that of the last attempt, whether thrown or read back", () => {
    const thrown = outOfAttempts([new Error("first"), new RunFailure("FAILED_EFFECT")]);
    assert.equal(failureCodeOf(new RunFailure("FAILED_DOCUMENT")), "FAILED_DOCUMENT");
    assert.equal(failureCodeOf(thrown), "FAILED_EFFECT");
    assert.equal(failureCodeOf({ errors: [{}, { code: "FAILED_EFFECT", message: "no" }] }), "FAILED_EFFECT");
    assert.equal(failureCodeOf(new Error("outer", { cause: thrown })), "FAILED_EFFECT");
  });

  test("is step_failed where no code of this program is found", () => {
    const cyclic: { cause?: unknown } = {};
    cyclic.cause = cyclic;
    const last = outOfAttempts([new RunFailure("FAILED_EFFECT"), new Error("the last attempt")]);
    for (const error of [
      null,
      "FAILED_EFFECT",
      { code: "ECONNRESET" },
      { code: "toString" },
      [],
      cyclic,
      last,
    ]) {
      assert.equal(failureCodeOf(error), "step_failed");
    }
  });
});
