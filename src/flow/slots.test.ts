import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSlots } from "./slots.ts";

describe("the slots of a node", () => {
  test("let so many steps work at once, and the others in their order", async () => {
    const slots = createSlots(2);
    const begun: number[] = [];
    const steps = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const runs = steps.map(({ promise }, index) =>
      slots.run(async () => {
        begun.push(index);
        await promise;
      }),
    );
    await new Promise(setImmediate);
    assert.deepEqual([begun, slots.use()], [[0, 1], { limit: 2, working: 2, waiting: 2 }]);
    steps[1]?.reject(new Error("a step that fails leaves its slot too"));
    await assert.rejects(runs[1] ?? Promise.resolve());
    await new Promise(setImmediate);
    assert.deepEqual(begun, [0, 1, 2]);
    for (const { resolve } of steps) resolve();
    await Promise.all([runs[0], runs[2], runs[3]]);
    assert.deepEqual([begun, slots.use()], [[0, 1, 2, 3], { limit: 2, working: 0, waiting: 0 }]);
  });

  test("have no limit where none is set", async () => {
    const slots = createSlots(undefined);
    const step = Promise.withResolvers<void>();
    const runs = Array.from({ length: 50 }, () => slots.run(() => step.promise));
    await new Promise(setImmediate);
    assert.deepEqual(slots.use(), { limit: null, working: 50, waiting: 0 });
    step.resolve();
    await Promise.all(runs);
  });
});
