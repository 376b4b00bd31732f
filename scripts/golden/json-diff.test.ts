import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { firstDifferences } from "./json-diff.ts";

const block = (text: string, fields: object = {}) => ({ type: "paragraph", text, order: 0, ...fields });

describe("the differences of a golden result", () => {
  test("name the item of a list, the field and both values", () => {
    const lines = differences(
      { blocks: [block("one"), block("two", { level: 1 })] },
      { blocks: [block("one"), block("two", { level: 2 })] },
    );
    assert.deepEqual(lines, ["blocks[1] paragraph “two”", "  /blocks/1/level  recorded 1  actual 2"]);
  });

  test("tell an inserted item from the ones that it moves, whose places only follow", () => {
    const before = [block("one", { order: 0 }), block("two", { order: 1 })];
    const after = [block("new", { order: 0 }), block("one", { order: 1 }), block("two", { order: 2 })];
    const lines = differences({ blocks: before }, { blocks: after });
    assert.deepEqual(lines, [
      "blocks[0] paragraph “new”",
      "  /blocks/0  new, and not recorded",
      "… and 2 more, all of them places and hashes that follow from others",
    ]);
  });

  test("show a removed item, and a changed one as one pair", () => {
    assert.deepEqual(differences([block("one"), block("two")], [block("one")]), [
      "[1] paragraph “two”",
      "  /1  recorded, and missing now",
    ]);
    assert.deepEqual(differences([block("one")], [block("won")]), [
      "[0] paragraph “won”",
      '  /0/text  recorded "one"  actual "won"',
    ]);
  });

  test("say when only the bytes differ, and show what is no JSON as text", () => {
    assert.deepEqual(firstDifferences(bytes("[1]"), bytes("[1]\n")), [
      "the same values in other bytes: the canonical form changed",
    ]);
    assert.deepEqual(firstDifferences(bytes("abc"), bytes("abd")), ['recorded "abc"  actual "abd"']);
  });
});

function differences(recorded: unknown, actual: unknown): readonly string[] {
  return firstDifferences(bytes(JSON.stringify(recorded)), bytes(JSON.stringify(actual)));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
