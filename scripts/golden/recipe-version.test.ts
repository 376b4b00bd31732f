import assert from "node:assert/strict";
import { test } from "node:test";
import { changedWithoutVersion } from "./recipe-version.ts";

const RECORDED = {
  docir: { schema: "d/1", recipe: { name: "r", version: "1" }, source: { sha256: "a" }, text: "one" },
  "chunk-index": { schema: "c/1", params: { version: "1" }, docirSha: "a", chunks: [] },
  memo: { schema: "m/1", method: "extractive/1", docirSha: "a", title: null },
};

test("another result with the same recipe is found, of the first artifact that changed", () => {
  const { docir, memo } = RECORDED;
  const rewritten = { ...RECORDED, docir: { ...docir, text: "two" }, memo: { ...memo, docirSha: "b" } };
  assert.deepEqual(changedWithoutVersion(RECORDED, rewritten), ["docir"]);
  assert.deepEqual(changedWithoutVersion(RECORDED, { ...RECORDED, memo: { ...memo, title: "t" } }), ["memo"]);
  assert.deepEqual(changedWithoutVersion(RECORDED, RECORDED), []);
});

test("another result with another version, or of another document, is not", () => {
  const { docir } = RECORDED;
  for (const changed of [
    { ...docir, text: "two", recipe: { name: "r", version: "2" } },
    { ...docir, text: "two", source: { sha256: "b" } },
  ]) {
    assert.deepEqual(changedWithoutVersion(RECORDED, { ...RECORDED, docir: changed }), []);
  }
});
