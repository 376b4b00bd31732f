import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurns } from "./turns.ts";

test("work under one key is done in order, one at a time, also behind work that failed", async () => {
  const inTurn = createTurns();
  const steps: string[] = [];
  const work =
    (name: string, fails = false) =>
    async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([
    inTurn("run", work("a")),
    inTurn("run", work("b", true)),
    inTurn("run", work("c")),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual(steps, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("work under another key does not wait", async () => {
  const inTurn = createTurns();
  const held = Promise.withResolvers<void>();
  const first = inTurn("one", () => held.promise);
  assert.equal(await inTurn("two", async () => "done"), "done");
  held.resolve();
  await first;
});
