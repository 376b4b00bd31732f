/** Pages that are made to take long: each would take minutes where all is compared with all more than once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findAlignedTables } from "./aligned-tables.ts";
import { PLAIN } from "./font-style.ts";
import { createLine } from "./lines.ts";
import { withoutOverprint } from "./overprint.ts";
import type { Fragment } from "./page-content.ts";
import { splitUnruledRows } from "./split-rows.ts";

function fragment(left: number, right: number, baseline: number, text: string): Fragment {
  const box: Fragment["box"] = [left, baseline - 80, right, baseline + 20];
  return { text, box, baseline, size: 100, style: PLAIN, isRightToLeft: false, hasSpaceBefore: false };
}

/** Of processor time: a machine with other work is slower by the clock. */
const MAX_MICROS = 10_000_000;

function withinSeconds<Result>(work: () => Result): Result {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < MAX_MICROS, `${user + system} µs`);
  return result;
}

test("a row of thousands of lines is split in seconds", () => {
  const cellOf = (c: number) => ({
    ...{ r: 0, c, rs: 1, cs: 1 },
    fragments: Array.from({ length: 3_000 }, (_, n) =>
      fragment(1_000 * c, 1_000 * c + 300, 200 * n, `w${n}`),
    ),
  });
  const table = [cellOf(0), cellOf(1)];
  const { rows, cells } = withinSeconds(() => splitUnruledRows(1, table, [0, 1_000, 2_000]));
  assert.equal(rows, 3_000);
  assert.deepEqual(
    cells.slice(-2).map(({ r, c, fragments }) => [r, c, fragments.map(({ text }) => text).join()]),
    [
      [2_999, 0, "w2999"],
      [2_999, 1, "w2999"],
    ],
  );
});

test("long texts of one repeated letter are compared in seconds", () => {
  const whole = fragment(0, 60_000, 100, "a".repeat(20_000));
  const half = fragment(30_000, 60_000, 100, "a".repeat(10_000));
  const elsewhere = fragment(30_000, 60_000, 100, "b".repeat(10_000));
  const fragments = [whole, ...Array.from({ length: 2_000 }, () => half), elsewhere];
  const page = { n: 1, w: 61_200, h: 79_200, fragments, rotated: [], rules: [], dots: [], hasPicture: false };
  const [read] = withinSeconds(() => withoutOverprint([page]));
  assert.deepEqual(read?.fragments, [whole, elsewhere]);
});

test("a page of thousands of rows that make no columns is looked through for tables in seconds", () => {
  const lines = Array.from({ length: 2_400 }, (_, n) => {
    const gap = 1_000 + ((n * 7_919) % 40) * 500;
    const parts = [fragment(0, gap, 130 * n, "a"), fragment(gap + 300, 24_000, 130 * n, "b")];
    return createLine(1, parts);
  });
  const found = withinSeconds(() => findAlignedTables(lines, [], 4));
  assert.deepEqual(
    found.map(({ line }) => line),
    lines,
  );
});
