import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256HexInParts } from "./hash-in-parts.ts";
import { sha256Hex } from "./sha256.ts";

test("a hash in parts is that of the whole, and leaves the event loop to others after each 256 KiB", async () => {
  for (const length of [0, 1, 2 ** 18, 2 ** 18 + 1]) {
    const bytes = Buffer.alloc(length, "abc");
    assert.equal(await sha256HexInParts(bytes), sha256Hex(bytes), `${length} bytes`);
  }
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await sha256HexInParts(Buffer.alloc(4 * 2 ** 18));
  clearImmediate(next);
  assert.ok(turns >= 3, `${turns} turns`);
});
