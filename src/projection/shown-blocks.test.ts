import assert from "node:assert/strict";
import { test } from "node:test";
import { buildDocIR } from "../document/index.ts";
import { ROWS_PER_TABLE, shownBlocksOf } from "./shown-blocks.ts";

const docirOf = (source: string) =>
  buildDocIR({ bytes: new TextEncoder().encode(source), mediaType: "text/markdown", filename: "a.md" });

function tableOf(rows: number): string {
  return `| quay | tonnes |\n|---|---|\n${Array.from({ length: rows }, (_, row) => `| q${row} | ${row} |`).join("\n")}\n`;
}

test("of a long table its first rows are shown, and the rest is counted", async () => {
  const docir = await docirOf(tableOf(2_000));
  const [shown] = shownBlocksOf(docir, docir.blocks, null);
  assert.equal(shown?.table?.rows.length, ROWS_PER_TABLE);
  assert.deepEqual([shown.table.before, shown.table.after], [0, 2_001 - ROWS_PER_TABLE]);
});

test("a row that is cited is shown, wherever in the table it stands", async () => {
  const docir = await docirOf(tableOf(2_000));
  const at = docir.text.indexOf("q1500");
  const [shown] = shownBlocksOf(docir, docir.blocks, [at, at + 5]);
  const marked = shown?.table?.rows
    .flat()
    .flatMap(({ parts }) => parts.filter(({ kind }) => kind === "mark"));
  assert.deepEqual(marked, [{ kind: "mark", text: "q1500" }]);
});

test("a page of many tables and long paragraphs holds no more than a page can take", async () => {
  const docir = await docirOf(
    [tableOf(3_000), ...Array(40).fill("long ".repeat(2_000)), tableOf(3_000)].join("\n\n"),
  );
  const units = shownBlocksOf(docir, docir.blocks, null)
    .flatMap(({ parts, table }) => [parts, ...(table?.rows.flat().map((cell) => cell.parts) ?? [])])
    .flat()
    .reduce((sum, part) => sum + (part.kind === "cut" ? 0 : part.text.length), 0);
  assert.ok(units > 50_000 && units < 220_000, String(units));
});

test("a table of twenty thousand rows is laid out in a moment", async () => {
  const docir = await docirOf(tableOf(20_000));
  const began = performance.now();
  shownBlocksOf(docir, docir.blocks, null);
  assert.ok(performance.now() - began < 500);
});
