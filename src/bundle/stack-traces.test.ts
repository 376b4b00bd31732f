import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withoutStackTraces } from "./stack-traces.ts";

describe("a recorded error in a bundle", () => {
  test("says what it was, and at no depth where in the host's files it arose", () => {
    const stack = "Error: no\n    at /srv/secret/src/flow/steps.ts:12";
    const inner = { name: "RunFailure", code: "FAILED_DOCUMENT", message: "no", stack, cause: { stack } };
    const kept = withoutStackTraces(JSON.stringify({ json: { message: "no", stack, errors: [inner] } }));
    assert.deepEqual(JSON.parse(kept ?? ""), {
      json: {
        message: "no",
        errors: [{ name: "RunFailure", code: "FAILED_DOCUMENT", message: "no", cause: {} }],
      },
    });
  });

  test("is left out when it cannot be read", () => {
    assert.equal(withoutStackTraces("at /srv/secret/src"), null);
    assert.equal(withoutStackTraces(null), null);
  });
});
