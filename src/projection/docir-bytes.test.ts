import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { REVIEW_BELOW } from "../document/confidence.ts";
import type { Block, DocIR } from "../document/schema.ts";
import { processorMsOf } from "../testing/processor-time.ts";
import { readDocIRBytes } from "./docir-bytes.ts";

const EXPECTED = fileURLToPath(new URL("../../golden/expected/", import.meta.url));
const NOT_WANTED = { span: null, row: null };

test("the parts of every golden docir are those of the whole, parsed", () => {
  for (const name of readdirSync(EXPECTED)) {
    const bytes = readFileSync(`${EXPECTED}${name}/docir.json`);
    const { blocks, ...head }: DocIR = JSON.parse(bytes.toString());
    const docir = readDocIRBytes(bytes, 1_000);
    assert.deepEqual(docir.head, head, name);
    assert.equal(docir.total, blocks.length, name);
    const isDoubtful = ({ type, confidence }: Block) => type !== "separator" && confidence < REVIEW_BELOW;
    assert.equal(docir.doubtful, blocks.filter(isDoubtful).length, name);
    for (const [index, { runs, runBytes, ...block }] of blocks.entries()) {
      assert.deepEqual(docir.readBlock(index, NOT_WANTED).block, block, `${name}, block ${index}`);
      if (block.span[1] > block.span[0]) assert.equal(docir.findBlock(block.span[0]), index, name);
    }
  }
});

/** A docir with one table of `rows` rows and two columns, and text that looks like its keys. */
function tableDocIR(rows: number): DocIR {
  const template: DocIR = JSON.parse(readFileSync(`${EXPECTED}one-word.txt/docir.json`, "utf8"));
  const cells = Array.from({ length: rows * 2 }, (_, at) => {
    const [r, c] = [at >> 1, at & 1];
    return { c, cs: 1, header: r === 0, r, rs: 1, span: [at * 10, at * 10 + 9] as [number, number] };
  });
  const [block] = template.blocks;
  assert.ok(block !== undefined);
  const text = '{"c":1,"type":"x"},"text":"'
    .repeat(rows)
    .padEnd(rows * 20)
    .slice(0, rows * 20);
  const span: [number, number] = [0, text.length];
  const reasons = ['","span":[1,2]'];
  return {
    ...template,
    text,
    blocks: [{ ...block, type: "table", span, reasons, table: { rows, cols: 2, cells } }],
  };
}

test("of a table the rows around a cell are read, with its first row", () => {
  const docir = readDocIRBytes(canonicalJsonBytes(tableDocIR(1_000)), 100);
  assert.equal(docir.head.text.length, 20_000);
  const { block, rows } = docir.readBlock(0, { span: [14_005, 14_009], row: null });
  assert.deepEqual(rows, { from: 700, to: 800, total: 1_000 });
  assert.deepEqual(
    block.table?.cells.map(({ r, c }) => [r, c]),
    [0, ...Array.from({ length: 100 }, (_, row) => 700 + row)].flatMap((r) => [
      [r, 0],
      [r, 1],
    ]),
  );
  assert.equal(docir.readBlock(0, { span: null, row: 999 }).rows?.from, 900);
  assert.equal(docir.readBlock(0, NOT_WANTED).block.table?.cells.length, 200);
});

test("a long table is read without parsing all of its cells", async () => {
  const bytes = canonicalJsonBytes(tableDocIR(20_000));
  const reading = await processorMsOf(() =>
    readDocIRBytes(bytes, 100).readBlock(0, { span: [300_001, 300_002], row: null }),
  );
  const parsing = await processorMsOf(() => JSON.parse(Buffer.from(bytes).toString()));
  assert.ok(reading < parsing, `${reading} ms, parsing all ${parsing} ms`);
});
