import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withoutStackTraces } from "./stack-traces.ts";

describe("a recorded error in a bundle", () => {
  test("keeps code and message, and has no stack trace at any depth", () => {
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

  test("is left out when it is not JSON", () => {
    assert.equal(withoutStackTraces("at /srv/secret/src"), null);
    assert.equal(withoutStackTraces(null), null);
  });
});
