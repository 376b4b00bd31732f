import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { documentWindowOf } from "../projection/document-window.ts";
import { sha256Hex } from "../sha256.ts";
import {
  buildChunkIndex,
  buildDocIR,
  buildMemo,
  chunkIndexSchema,
  docIRSchema,
  memoSchema,
} from "./index.ts";
import { NO_CHARSET, type Reader } from "./reader.ts";
import type { SourceAnchor } from "./schema.ts";
import { bytesOf } from "./test-kit.ts";

const recipe = { name: "test", version: "1", params: {}, libs: {} };

/** Lines of "x,y text" as a page of positioned text: one paragraph whose lines have boxes. */
const pageReader: Reader = {
  recipe,
  read: async ({ bytes }) => {
    const lines = new TextDecoder().decode(bytes).split("\n");
    const texts = lines.map((line) => line.slice(line.indexOf(" ") + 1));
    let at = 0;
    return {
      source: NO_CHARSET,
      blocks: [
        {
          type: "paragraph",
          text: texts.join(" "),
          src: [{ k: "pdf", page: 2, bbox: [0, 0, 100, 100] }],
          boxes: texts.map((text, index) => {
            const start = at;
            at += text.length + 1;
            const [x = 0, y = 0] = (lines[index] ?? "").split(" ", 1)[0]?.split(",").map(Number) ?? [];
            return [start, text.length, 2, [x, y, x + 10 * text.length, y + 12]];
          }),
          reasons: [],
        },
      ],
      pages: [
        {
          n: 2,
          w: 59500,
          h: 84200,
          confidence: 0.95,
          start: { block: 0, offset: 0 },
          end: { block: 0, offset: at - 1 },
        },
      ],
      warnings: [],
    };
  },
};

/** Comma-separated values as a sheet: one table whose cells know their references. */
const sheetReader: Reader = {
  recipe,
  read: ({ bytes }) => {
    const rows = new TextDecoder()
      .decode(bytes)
      .split("\n")
      .map((row) => row.split(","));
    let at = 0;
    const cells = rows.flatMap((row, r) =>
      row.map((value, c) => {
        const start = at;
        at += value.length + 1;
        const src: SourceAnchor = {
          k: "cell",
          sheet: "Costs",
          ref: `${"ABC".charAt(c)}${r + 1}`,
          value,
          formula: "A1*2",
        };
        return {
          r,
          c,
          rs: 1,
          cs: 1,
          header: r === 0,
          span: [start, start + value.length] as [number, number],
          src: [src],
        };
      }),
    );
    return {
      source: NO_CHARSET,
      blocks: [
        {
          type: "table",
          text: rows.map((row) => row.join("\t")).join("\n"),
          src: [{ k: "cell", sheet: "Costs", ref: "A1:B2" }],
          table: { rows: rows.length, cols: rows[0]?.length ?? 0, cells },
          reasons: [],
        },
      ],
      warnings: [],
    };
  },
};

async function deriveBy(reader: Reader, source: string) {
  const readers = new Map([["application/x-test", reader]]);
  const docir = await buildDocIR({ bytes: bytesOf(source), mediaType: "application/x-test", readers });
  const docirSha = sha256Hex(canonicalJsonBytes(docir));
  const chunkIndex = buildChunkIndex({ docir, docirSha });
  const chunkIndexSha = sha256Hex(canonicalJsonBytes(chunkIndex));
  const memo = buildMemo({ docir, docirSha, chunkIndex, chunkIndexSha });
  docIRSchema.parse(docir);
  chunkIndexSchema.parse(chunkIndex);
  memoSchema.parse(memo);
  const whole = { span: null, at: null, row: null };
  return { docir, chunkIndex, memo, shown: documentWindowOf(canonicalJsonBytes(docir), whole).blocks };
}

describe("a reader of a format with anchors of its own", () => {
  it("has its pages and line boxes in docir, chunks, citations and the viewer", async () => {
    const source = "10,20 The pump moved 1,200 litres.\n10,40 It cost €3,400 in all.";
    const { docir, chunkIndex, memo, shown } = await deriveBy(pageReader, source);
    assert.deepEqual(docir.source.charset, "none");
    assert.deepEqual(docir.pages, [
      { n: 2, w: 59500, h: 84200, confidence: 0.95, textSpan: [0, docir.text.length] },
    ]);
    assert.deepEqual(docir.blocks[0]?.src, [{ k: "pdf", page: 2, bbox: [0, 0, 100, 100] }]);
    assert.equal(docir.blocks[0]?.runs, undefined);
    assert.deepEqual(chunkIndex.chunks[0]?.pages, [2]);
    assert.equal(memo.stats.pages, 1);
    const money = memo.figures.find(({ kind }) => kind === "money")?.cite;
    assert.deepEqual([money?.page, money?.bbox, money?.srcBytes], [2, [10, 40, 230, 52], undefined]);
    assert.equal(shown[0]?.source, "page 2");
  });

  it("has its cells in docir, chunks, citations and the viewer", async () => {
    const { docir, chunkIndex, memo, shown } = await deriveBy(sheetReader, "item,cost\npump,€3400");
    const place = { k: "cell", sheet: "Costs", ref: "B2", value: "€3400", formula: "A1*2" };
    assert.deepEqual(docir.blocks[0]?.table?.cells[3]?.src, [place]);
    assert.deepEqual(chunkIndex.chunks[0]?.src?.[3], place);
    assert.deepEqual(memo.figures[0]?.cite.src, [place]);
    assert.equal(memo.figures[0]?.cite.page, undefined);
    assert.equal(shown[0]?.source, "Costs!A1:B2");
  });
});
