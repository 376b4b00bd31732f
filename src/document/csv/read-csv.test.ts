import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import iconv from "iconv-lite";
import { Failure } from "../../failure.ts";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { processorMsOf } from "../../testing/processor-time.ts";
import { checkProperty } from "../../testing/property.ts";
import { buildDocIR } from "../index.ts";
import { assertInvariants, bytesOf } from "../test-kit.ts";

/** Per input. */
const TIME_LIMIT_MS = 30_000 * measureSlowness();

const CSV = "text/csv";

/** The delimiter and the cells of each row; header cells in brackets. */
async function tableOf(source: string | Uint8Array, mediaType = CSV) {
  const { docir } = await assertInvariants(source, mediaType);
  const table = docir.blocks[0]?.table;
  const rows: string[][] = Array.from({ length: table?.rows ?? 0 }, () => []);
  for (const { r, header, span } of table?.cells ?? []) {
    const text = docir.text.slice(...span);
    rows[r]?.push(header ? `[${text}]` : text);
  }
  return { delimiter: docir.source.delimiter, rows, docir };
}

describe("CSV", () => {
  it("is one table of the fields as they are, quotes and escapes taken off", async () => {
    const { rows, docir } = await tableOf('a,b\r\n1,"x ""y"", z"\r\n\r\n2,"two\nlines"\r\n');
    assert.deepEqual(rows, [
      ["[a]", "[b]"],
      ["1", 'x "y", z'],
      ["2", "two\nlines"],
    ]);
    assert.deepEqual(docir.blocks[0]?.src, [{ k: "bytes", span: [0, 36] }]);
  });

  it("is almost all one exact run", async () => {
    const { docir } = await tableOf("a,b\n1,2\n3,4\n");
    assert.deepEqual(docir.blocks[0]?.runs, [[0, 11, 0, 11, 1]]);
  });

  it("is cut by the delimiter with which most rows have equally many fields", async () => {
    for (const [source, delimiter] of [
      ["a,b\n1,2", ","],
      ["a;b\n1,5;2,3\n4,5;6,7", ";"],
      ["a\tb, c\n1\t2, 3", "\t"],
      ["a|b\n1|2", "|"],
      ["one\ntwo", ","],
      ["sep=^\na^b\n1^2", "^"],
    ] as const)
      assert.equal((await tableOf(source)).delimiter, delimiter, source);
    assert.equal((await tableOf("a\tb;c\n1\t2;3;4", "text/tab-separated-values")).delimiter, "\t");
  });

  it("has a header where the first row has names, and pads short rows", async () => {
    assert.deepEqual((await tableOf("name,year\nx\ny,2")).rows[0], ["[name]", "[year]"]);
    assert.deepEqual((await tableOf("name,year\nx\ny,2")).rows[1], ["x", ""]);
    for (const source of [
      "a,a\n1,2",
      "a,\n1,2",
      "a,2024-01-01\nb,x",
      "a,1\nb,2",
      "a,b",
      "a,b\nx,b",
      "a,b\n1,2,3",
    ])
      assert.ok(!(await tableOf(source)).rows[0]?.[0]?.startsWith("["), source);
  });

  it("takes a quote that nothing closes, or that does not end its field, for a character", async () => {
    assert.deepEqual((await tableOf('"a,b\n1,"2"x\n')).rows, [
      ['["a]', "[b]"],
      ["1", '"2"x'],
    ]);
  });

  it("is decoded first", async () => {
    assert.deepEqual((await tableOf(iconv.encode("k\u00e4se;1\n\u00f6l;2", "latin1"))).rows[0], [
      "k\u00e4se",
      "1",
    ]);
    const wide = iconv.encode("a\tb\n1\t2", "utf-16le", { addBOM: true });
    assert.deepEqual((await tableOf(wide)).rows[1], ["1", "2"]);
  });

  it("comes back as it was written, whatever the fields are", { timeout: 2 * TIME_LIMIT_MS }, async () => {
    const field = fc.oneof(
      fc.string({ maxLength: 8, unit: "grapheme" }),
      fc.string({ maxLength: 6, unit: fc.constantFrom('"', ",", "\n", "\r\n", "a", " ", ";") }),
    );
    const table = fc
      .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 6 }))
      .chain(([cols, rows]) =>
        fc.array(fc.array(field, { minLength: cols, maxLength: cols }), { minLength: rows, maxLength: rows }),
      );
    await checkProperty(table, { runs: 300, seed: 5 }, async (rows) => {
      const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
      const bytes = bytesOf(`sep=,\n${quoted.join("\n")}\n`);
      const docir = await buildDocIR({ bytes, mediaType: CSV });
      const found = docir.blocks[0]?.table?.cells.map(({ span }) => docir.text.slice(...span));
      assert.deepEqual(
        found,
        rows.flat().map((text) => text.replaceAll("\0", "\ufffd")),
      );
    });
  });

  it("holds every invariant on random text", { timeout: 2 * TIME_LIMIT_MS }, async () => {
    const source = fc.string({
      maxLength: 60,
      unit: fc.constantFrom(...'",;\t|\n\r ab1é'.split(""), "\0", "\r\n", '""'),
    });
    await checkProperty(source, { runs: 300, seed: 6 }, async (text) => {
      await assertInvariants(text, CSV);
    });
  });
});

describe("large CSV", () => {
  it("of a million cells is read in time that grows with its size", { timeout: 120_000 }, async () => {
    const read = async (rows: number) => {
      const bytes = bytesOf('123,abc,"d e",4.5,x\n'.repeat(rows));
      return await processorMsOf(async () => {
        const docir = await buildDocIR({ bytes, mediaType: CSV });
        assert.equal(docir.blocks[0]?.table?.cells.length, rows * 5);
      });
    };
    await read(1_000);
    const [small, large] = [await read(25_000), await read(200_000)];
    assert.ok(large < small * 8 * 4 + 1_000, `${small} ms, then ${large} ms for eight times as much`);
  });

  it("takes time in proportion where no quote is closed, and is refused beyond its limit", {
    timeout: 2 * TIME_LIMIT_MS,
  }, async () => {
    await buildDocIR({ bytes: bytesOf('"a,'.repeat(100_000)), mediaType: CSV });
    await buildDocIR({ bytes: bytesOf('"a"x,\n'.repeat(100_000)), mediaType: CSV });
    await assert.rejects(
      buildDocIR({ bytes: bytesOf(",,,,\n".repeat(400_001)), mediaType: CSV }),
      (error) => error instanceof Failure && error.detail.limit_cells === 2_000_000,
    );
  });
});
