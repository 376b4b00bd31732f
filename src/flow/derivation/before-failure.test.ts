import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { collectGarbage } from "../../testing/garbage.ts";
import { beforeFailure } from "./before-failure.ts";

const ANSWERS = 20;

describe("an answer before a failure", () => {
  test("is what the work gives, or the failure that comes first", async () => {
    const { promise: pending } = Promise.withResolvers<never>();
    assert.equal(await beforeFailure(Promise.resolve("a"), [pending]), "a");
    await assert.rejects(beforeFailure(pending, [Promise.reject(new Error("ended"))]), /ended/);
    await assert.rejects(beforeFailure(Promise.reject(new Error("broken")), [pending]), /broken/);
  });

  test("is not kept while the failure may still come", async () => {
    const { promise: pending } = Promise.withResolvers<never>();
    const answers: WeakRef<object>[] = [];
    while (answers.length < ANSWERS) {
      answers.push(new WeakRef(await beforeFailure(Promise.resolve({ n: answers.length }), [pending])));
    }
    await collectGarbage();
    const kept = answers.filter((answer) => answer.deref() !== undefined);
    // The last ones may still be on the stack.
    assert.ok(kept.length < ANSWERS / 2, `${kept.length} of ${ANSWERS} are kept`);
  });
});
