import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorn } from "./process-wear.ts";

const LIMITS = { maxAgeMs: 60_000, maxBytes: 1_000_000_000 };
const USED = { documents: 499, ageMs: 59_999, residentBytes: 400_000_000 };

test("a process that has as much garbage as Bun may leave is used again", () => {
  assert.equal(isWorn(USED, LIMITS), false);
});

test("a process is replaced by the number of its documents, its age or its memory", () => {
  assert.equal(isWorn({ ...USED, documents: 500 }, LIMITS), true);
  assert.equal(isWorn({ ...USED, ageMs: 60_000 }, LIMITS), true);
  assert.equal(isWorn({ ...USED, residentBytes: 500_000_001 }, LIMITS), true);
});
