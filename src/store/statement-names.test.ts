import assert from "node:assert/strict";
import { test } from "node:test";
import { createStatementNames } from "./statement-names.ts";

test("a statement has a name from its second use on, and always the same", () => {
  const { nameOf } = createStatementNames();
  assert.equal(nameOf("select $1"), undefined);
  assert.equal(nameOf("select $2"), undefined);
  const name = nameOf("select $1");
  assert.match(name ?? "", /^text-\d+$/);
  assert.equal(nameOf("select $1"), name);
  assert.notEqual(nameOf("select $2"), name);
});

test("the number of names and of texts without one is bounded", () => {
  const { nameOf } = createStatementNames(2, 3);
  for (const text of ["a", "b", "c", "d"]) nameOf(text);
  assert.equal(nameOf("a"), undefined, "forgotten, as the oldest of four");
  const named = ["d", "c", "a"].map((text) => nameOf(text) !== undefined);
  assert.deepEqual(named, [true, true, false]);
});
