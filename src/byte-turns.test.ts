import assert from "node:assert/strict";
import { test } from "node:test";
import { createByteTurns, TURN_BYTES } from "./byte-turns.ts";

test("other work has its turn when the parts come to 256 KiB, and not before", async () => {
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const giveTurn = createByteTurns();
  for (let part = 0; part < 3; part += 1) await giveTurn(TURN_BYTES / 4);
  assert.equal(turns, 0);
  await giveTurn(TURN_BYTES / 4);
  assert.equal(turns, 1);
  await giveTurn(TURN_BYTES - 1);
  assert.equal(turns, 1);
  await giveTurn(1);
  assert.equal(turns, 2);
  clearImmediate(next);
});
