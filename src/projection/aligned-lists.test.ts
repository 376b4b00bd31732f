import assert from "node:assert/strict";
import { test } from "node:test";
import { alignLists } from "./aligned-lists.ts";

const shown = (left: string, right: string) =>
  alignLists([...left], [...right]).map((pair) => `${pair.left ?? "-"}${pair.right ?? "-"}`);

test("two lists stand beside each other, equal entries in one line", () => {
  assert.deepEqual(shown("abc", "abc"), ["aa", "bb", "cc"]);
  assert.deepEqual(shown("abcd", "acxd"), ["aa", "b-", "cc", "-x", "dd"]);
  assert.deepEqual(shown("ab", ""), ["a-", "b-"]);
  assert.deepEqual(shown("", "ab"), ["-a", "-b"]);
  assert.deepEqual(shown("ab", "cd"), ["a-", "b-", "-c", "-d"]);
  assert.deepEqual(shown("aab", "ab"), ["aa", "a-", "bb"]);
});
