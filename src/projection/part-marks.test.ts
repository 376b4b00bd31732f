import assert from "node:assert/strict";
import { test } from "node:test";
import { markParts, marksInCell, type PlacedMark, shownMarksOf } from "./part-marks.ts";
import type { Span } from "./text-parts.ts";

const strong = (...span: Span): PlacedMark => ({ span, mark: { kind: "strong" } });

test("a cell has the marks that begin in it", () => {
  const marks = [strong(0, 4), strong(2, 3), strong(6, 8), strong(10, 12)];
  const inCell = (...span: Span) => marksInCell(marks, span).map(({ span: [from] }) => from);
  assert.deepEqual(inCell(0, 5), [0, 2]);
  assert.deepEqual(inCell(6, 10), [6]);
  assert.deepEqual(inCell(8, 10), []);
  assert.deepEqual(inCell(10, 20), [10]);
});

test("parts are cut where marks begin and end, also behind what is left out", () => {
  const parts = [
    { kind: "text", text: "abc" },
    { kind: "cut", count: 10 },
    { kind: "mark", text: "xyz" },
  ] as const;
  const mark = { kind: "strong" } as const;
  assert.deepEqual(markParts(parts, 100, [strong(101, 102), strong(105, 114)]), [
    { kind: "text", text: "a" },
    { kind: "text", text: "b", marks: [mark] },
    { kind: "text", text: "c" },
    { kind: "cut", count: 10 },
    { kind: "mark", text: "x", marks: [mark] },
    { kind: "mark", text: "yz" },
  ]);
});

test("links lead to addresses of the web and of mail alone", () => {
  const hrefs = [
    "https://a.b/c",
    "mailto:a@b.c",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    " https://a.b",
    "data:text/html,a",
    "//a.b",
    "#n",
    "https://a b",
  ];
  const links = hrefs.map((target) => ({ kind: "link" as const, span: [0, 1] as [number, number], target }));
  const shown = shownMarksOf({ links }, () => undefined).map(({ mark }) => "href" in mark && mark.href);
  assert.deepEqual(shown, ["https://a.b/c", "mailto:a@b.c"]);
});
