import assert from "node:assert/strict";
import { test } from "node:test";
import { LINES_PER_PAGE, type RawLines, rawLinesOf } from "./raw-lines.ts";
import { windowOf } from "./step-window.ts";
import { partsOf, type Span } from "./text-parts.ts";

const marked = ({ lines }: RawLines) =>
  lines.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "mark" ? [part.text] : []))).join("");

test("a span is marked exactly, over line ends as well", () => {
  assert.equal(marked(rawLinesOf("alpha\nbeta\r\ngamma", [2, 8], null)), "phabe");
  assert.equal(marked(rawLinesOf("alpha", null, null)), "");
});

test("a line of a megabyte is cut, and around a mark in its middle just that is kept", () => {
  const text = `${"x".repeat(500_000)}HERE${"y".repeat(500_000)}`;
  const plain = rawLinesOf(text, null, null);
  const found = rawLinesOf(text, [500_000, 500_004], null);
  assert.equal(marked(found), "HERE");
  for (const { lines } of [plain, found]) {
    const shown =
      lines[0]?.parts.reduce((sum, part) => sum + (part.kind === "cut" ? 0 : part.text.length), 0) ?? 0;
    const left = lines[0]?.parts.reduce((sum, part) => sum + (part.kind === "cut" ? part.count : 0), 0) ?? 0;
    assert.ok(shown <= 2_000);
    assert.equal(shown + left, text.length);
  }
});

test("no cut falls within a character", () => {
  const text = `x${"😀".repeat(3_000)}`;
  const parts = rawLinesOf(text, null, null).lines[0]?.parts ?? [];
  for (const part of parts) if (part.kind !== "cut") assert.ok(part.text.isWellFormed());
});

test("a page begins where the mark or the address says, and every line has its number", () => {
  const text = Array.from({ length: 2_000 }, (_, index) => `line ${index + 1}`).join("\n");
  const { lines, total, from } = rawLinesOf(text, null, 1_200);
  assert.deepEqual([total, from, lines.length], [2_000, 1_000, LINES_PER_PAGE]);
  assert.equal(lines[0]?.number, 1_001);
  const at = text.indexOf("line 777");
  assert.equal(rawLinesOf(text, [at, at + 8], null).from, 500);
});

test("a span is cut where its mark begins and ends, and nowhere else", () => {
  const marked = (mark: Span | null) =>
    partsOf("abcdef", [1, 5], mark, 100).map((part) =>
      part.kind === "cut" ? `…${part.count}` : part.kind === "mark" ? `[${part.text}]` : part.text,
    );
  assert.deepEqual(marked([2, 4]), ["b", "[cd]", "e"]);
  assert.deepEqual(marked([0, 9]), ["[bcde]"]);
  assert.deepEqual(marked(null), ["bcde"]);
  assert.deepEqual(marked([5, 6]), ["bcde"]);
});

test("a span too long for a page keeps its beginning, or its mark and what is around it, and counts the rest", () => {
  const text = "x".repeat(1_000_000);
  const counts = (mark: Span | null) =>
    partsOf(text, [0, text.length], mark, 2_000).map((part) =>
      part.kind === "cut" ? -part.count : part.text.length,
    );
  assert.deepEqual(counts(null), [2_000, -998_000]);
  assert.deepEqual(counts([500_000, 500_010]), [-499_600, 400, 10, 400, -499_590]);
  assert.deepEqual(counts([0, text.length]), [2_000, -998_000], "a mark as long as the text is cut as well");
});

test("a window holds what was asked for, else the end", () => {
  assert.deepEqual(windowOf(2_000, 1_234, 200), { from: 1_200, to: 1_400, total: 2_000 });
  assert.deepEqual(windowOf(2_000, null, 200), { from: 1_800, to: 2_000, total: 2_000 });
  assert.deepEqual(windowOf(0, null, 200), { from: 0, to: 0, total: 0 });
  assert.deepEqual(windowOf(7, 9_999, 200), { from: 0, to: 7, total: 7 });
});
