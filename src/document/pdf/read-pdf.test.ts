import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure, RunFailure, type RunFailureCode } from "../../failure.ts";
import { type Block, buildDocIR, type DocIR } from "../index.ts";
import { assertInvariants } from "../test-kit.ts";
import { buildPdf, line, type TestPdf, text } from "./test-pdf.ts";

const MEDIA_TYPE = "application/pdf";

async function read(pdf: TestPdf): Promise<DocIR> {
  return (await assertInvariants(buildPdf(pdf), MEDIA_TYPE)).docir;
}

function textOf(docir: DocIR, block: Block): string {
  return docir.text.slice(...block.span);
}

function textsOf(docir: DocIR, type?: string): string[] {
  return docir.blocks
    .filter((block) => type === undefined || block.type === type)
    .map((block) => textOf(docir, block));
}

/** Lines of text below each other. */
function lines(x: number, y: number, pitch: number, ...texts: string[]): string {
  return texts.map((words, index) => text(x, y - index * pitch, words)).join("");
}

describe("a PDF", () => {
  it("is read by its lines, each with its box from the top left of its page", async () => {
    const docir = await read({
      pages: [lines(72, 700, 12, "The tide is low at noon and", "high again at six o'clock.")],
    });
    assert.deepEqual(textsOf(docir), ["The tide is low at noon and high again at six o'clock."]);
    assert.deepEqual(
      docir.pages?.map(({ n, w, h, textSpan }) => [n, w, h, textSpan]),
      [[1, 61200, 79200, [0, docir.text.length]]],
    );
    const [block] = docir.blocks;
    assert.deepEqual(
      block?.boxes?.map(([at, length, page]) => [at, length, page]),
      [
        [0, 27, 1],
        [28, 26, 1],
      ],
    );
    const [, , , [left, top, right, bottom]] = block?.boxes?.[0] ?? [0, 0, 0, [0, 0, 0, 0]];
    assert.equal(left, 7200);
    assert.ok(
      top < 9200 && bottom > 9200 && bottom - top < 1300 && right > 15_000,
      String(block?.boxes?.[0]),
    );
    assert.deepEqual(
      [docir.source.charset, docir.source.charsetBy, docir.source.newline],
      ["none", "none", "none"],
    );
  });

  it("has its words joined that are hyphenated over lines, and keeps hyphens that belong to them", async () => {
    const docir = await read({
      pages: [
        lines(
          72,
          700,
          12,
          "We used a well-known method and the har-",
          "bour is old, as this well-",
          "known paper says about all such things.",
        ),
      ],
    });
    assert.deepEqual(textsOf(docir), [
      "We used a well-known method and the harbour is old, as this well-known paper says about all such things.",
    ]);
  });

  it("has a paragraph that goes on on the next page as one block, cut where the page ends", async () => {
    const foot = (n: number) => text(300, 30, String(n));
    const docir = await read({
      pages: [
        lines(72, 100, 12, "The first paragraph is short and ends here.") +
          lines(72, 64, 12, "The second one begins at the bottom of this page and") +
          foot(1),
        lines(72, 740, 12, "goes on at the top of the next one.") +
          lines(72, 700, 12, "The third is here.") +
          foot(2),
      ],
    });
    const [first, footer, second] = docir.blocks;
    assert.equal(first?.type, "paragraph");
    assert.equal(footer?.type, "page_footer");
    assert.equal(
      second && textOf(docir, second),
      "The second one begins at the bottom of this page and goes on at the top of the next one.",
    );
    assert.deepEqual(
      second?.boxes?.map(([, , page]) => page),
      [1, 2],
    );
    const cut = (second?.span[0] ?? 0) + "The second one begins at the bottom of this page and".length;
    assert.equal(docir.pages?.[0]?.textSpan[1], cut);
    assert.equal(docir.pages?.[1]?.textSpan[0], cut + 1);
    assert.equal(textsOf(docir, "page_footer").length, 2);
  });

  it("is read column by column, whatever the order of its stream", async () => {
    const left = Array.from({ length: 12 }, (_, n) => `left line number ${n} with some more words`);
    const right = Array.from({ length: 12 }, (_, n) => `right line number ${n} with some more words`);
    const rows = left
      .map((words, n) => text(60, 700 - 12 * n, words) + text(330, 700 - 12 * n, right[n] ?? ""))
      .join("");
    const docir = await read({ pages: [rows] });
    const all = docir.text.replace(/\s+/g, " ");
    assert.ok(all.startsWith(left.join(" ")), all);
    assert.ok(all.endsWith(right.join(" ")), all);
  });

  it("has the words of a justified line together, however far apart they are", async () => {
    const word = (x: number, y: number, words: string) => text(x, y, words);
    const column = (x: number) =>
      lines(x, 700, 12, "The northern sill of the harbour was", "measured before the ebb by two pilots.") +
      [0, 1, 2]
        .map((n) => {
          const y = 676 - 12 * n;
          // Helvetica at 10 points: each word ends 20 points before the next one begins.
          return (
            word(x, y, "It") +
            word(x + 25.56, y, "was") +
            word(x + 63.35, y, "corrected") +
            word(x + 124.47, y, "in")
          );
        })
        .join("") +
      lines(x, 640, 12, "every later table that the office", "printed for the pilots of the port.");
    const docir = await read({ pages: [column(72) + column(330)] });
    assert.deepEqual(textsOf(docir, "table"), []);
    const half =
      "The northern sill of the harbour was measured before the ebb by two pilots. It was corrected in It was corrected in It was corrected in every later table that the office printed for the pilots of the port.";
    assert.equal(docir.text.replace(/\s+/g, " "), `${half} ${half}`);
  });

  it("has the number of a page and a footer with it apart from the text, even if nothing repeats", async () => {
    const docir = await read({
      pages: [
        text(540, 690, "1") +
          lines(72, 640, 12, "The tide is low at noon and", "high again at six o'clock.") +
          text(72, 40, "Harbour office, edition of May 1"),
      ],
    });
    assert.deepEqual(textsOf(docir, "page_header"), ["1"]);
    assert.deepEqual(textsOf(docir, "page_footer"), ["Harbour office, edition of May 1"]);
  });

  it("has a numbered line in the middle of its column as a heading, and a caption without a sign as a caption", async () => {
    const docir = await read({
      pages: [
        lines(
          72,
          740,
          12,
          "The first paragraph of the paper is as wide as the column is,",
          "and it ends here.",
        ) +
          text(176, 700, "II. Earlier work") +
          lines(
            72,
            676,
            12,
            "Nobody has measured the sill before, although many have asked",
            "for it in letters.",
          ) +
          text(72, 640, "Table 4 Depths of the sill"),
      ],
    });
    assert.deepEqual(textsOf(docir, "heading"), ["II. Earlier work"]);
    assert.deepEqual(textsOf(docir, "caption"), ["Table 4 Depths of the sill"]);
  });

  it("has no table where labels stand before lines to be filled in", async () => {
    const row = (n: number, label: string, value: string, isForm: boolean) => {
      const y = 700 - 24 * n;
      return text(72, y, label) + text(200, y, value) + (isForm ? line(200, y - 3, 400, y - 3) : "");
    };
    const rows = (isForm: boolean) =>
      row(0, "Name", "Berg", isForm) + row(1, "Port", "Norham", isForm) + row(2, "Berth", "14", isForm);
    assert.equal(textsOf(await read({ pages: [rows(true)] }), "table").length, 0);
    const table = await read({ pages: [rows(false)] });
    assert.equal(textsOf(table, "table").length, 1);
    assert.equal(table.blocks[0]?.confidence, 0.95);
  });

  it("doubts a table of which many rows have only one cell", async () => {
    const rows = [
      ["North gate", "12.4 m"],
      ["South gate"],
      ["East mole", "9.1 m"],
      ["West mole"],
      ["Sill", "7 m"],
      ["Basin", "8 m"],
    ];
    const docir = await read({
      pages: [
        rows
          .map((cells, n) => cells.map((words, c) => text(72 + 150 * c, 700 - 12 * n, words)).join(""))
          .join(""),
      ],
    });
    const [table] = docir.blocks.filter(({ type }) => type === "table");
    assert.deepEqual([table?.confidence, table?.reasons], [0.55, ["ambiguous_columns"]]);
  });

  it("has headings by their size, lists by their markers, code by its font", async () => {
    const docir = await read({
      pages: [
        text(72, 740, "Report of the harbour", "F2", 20) +
          text(72, 700, "Findings", "F2", 14) +
          lines(
            72,
            680,
            12,
            "Three of the twelve anchors have corroded, and one is missing since the",
            "storm of last winter that also took the light.",
          ) +
          text(72, 640, "Costs", "F2", 14) +
          lines(72, 620, 12, "1. Divers for two days.", "2. Bolts and a new shackle.") +
          text(72, 570, "if (tide < 2) close();", "F3", 10) +
          text(90, 558, "else open();", "F3", 10) +
          lines(72, 530, 12, "Nobody dives alone, and no one dives at night or in the ebb of the tide."),
      ],
    });
    assert.deepEqual(
      docir.blocks.map(({ type, level, marker }) => [type, level, marker]),
      [
        ["title", undefined, undefined],
        ["heading", 1, undefined],
        ["paragraph", undefined, undefined],
        ["heading", 1, undefined],
        ["list_item", 1, "1."],
        ["list_item", 1, "2."],
        ["code", undefined, undefined],
        ["paragraph", undefined, undefined],
      ],
    );
    assert.equal(textsOf(docir, "list_item")[1], "Bolts and a new shackle.");
    assert.equal(textsOf(docir, "code")[0], "if (tide < 2) close();\n   else open();");
  });

  it("has bullets that are drawn", async () => {
    const bullet = (y: number) =>
      `70 ${y} m 70 ${y + 2} 73 ${y + 2} 73 ${y} c 73 ${y - 2} 70 ${y - 2} 70 ${y} c f\n`;
    const docir = await read({
      pages: [
        bullet(703) + text(82, 700, "Lamp and radio") + bullet(683) + text(82, 680, "Keys of the gate"),
      ],
    });
    assert.deepEqual(
      docir.blocks.map(({ type, marker }) => [type, marker]),
      [
        ["list_item", "•"],
        ["list_item", "•"],
      ],
    );
  });

  it("has tables by their rules, with cells that span columns and the place of each cell", async () => {
    const grid =
      [700, 680, 660, 640].map((y) => line(72, y, 372, y)).join("") +
      [72, 172, 272, 372].map((x) => line(x, x === 172 || x === 272 ? 660 : 640, x, 700)).join("");
    const words =
      text(80, 686, "Place", "F2") +
      text(180, 686, "Depth", "F2") +
      text(280, 686, "Change", "F2") +
      text(80, 666, "North") +
      text(180, 666, "12.4 m") +
      text(280, 666, "-0.3") +
      text(80, 646, "All figures are from the spring survey");
    const docir = await read({ pages: [grid + words] });
    const [block] = docir.blocks;
    assert.equal(block?.type, "table");
    assert.deepEqual(
      block?.table?.cells.map(({ r, c, cs, header, span }) => [r, c, cs, header, docir.text.slice(...span)]),
      [
        [0, 0, 1, true, "Place"],
        [0, 1, 1, true, "Depth"],
        [0, 2, 1, true, "Change"],
        [1, 0, 1, false, "North"],
        [1, 1, 1, false, "12.4 m"],
        [1, 2, 1, false, "-0.3"],
        [2, 0, 3, false, "All figures are from the spring survey"],
      ],
    );
    assert.equal(block?.table?.cells[1]?.src?.[0]?.k, "pdf");
  });

  it("whose page is turned is read as it is shown", async () => {
    const turned = "BT /F1 10 Tf 0 1 -1 0 100 72 Tm (Written upwards, shown upright) Tj ET";
    const docir = await read({ pages: [turned], pageEntries: "/Rotate 90" });
    assert.deepEqual(textsOf(docir), ["Written upwards, shown upright"]);
    assert.deepEqual(
      docir.pages?.map(({ w, h }) => [w, h]),
      [[79200, 61200]],
    );
  });

  it("that uses a Chinese font without carrying it is read by the character maps of this program", async () => {
    const font =
      "<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /GBK-EUC-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /SimSun /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>] >>";
    const docir = await read({
      pages: ["BT /F9 12 Tf 72 700 Td <B8DBBFDAB0ECB9ABCAD2> Tj ET"],
      fonts: { F9: font },
    });
    assert.deepEqual(textsOf(docir), ["港口办公室"]);
  });

  it("with its objects in compressed streams is read", async () => {
    assert.deepEqual(
      textsOf(await read({ pages: [text(72, 700, "Compressed objects")], hasObjectStreams: true })),
      ["Compressed objects"],
    );
  });
});

describe("a PDF without text", () => {
  it("stands in the document as an image of each page, which is to be reviewed", async () => {
    const scan = "q 612 0 0 792 0 0 cm /Im0 Do Q";
    const { docir, memo } = await assertInvariants(buildPdf({ pages: [scan, scan] }), MEDIA_TYPE);
    assert.deepEqual(
      docir.blocks.map(({ type, confidence, reasons }) => [type, confidence, reasons]),
      [
        ["image", 0.4, ["image_without_text"]],
        ["image", 0.4, ["image_without_text"]],
      ],
    );
    assert.deepEqual(
      docir.pages?.map(({ confidence }) => confidence),
      [0.4, 0.4],
    );
    assert.equal(memo.review.length, 2);
  });

  it("on some of its pages has an image for these, and none for pages that are empty", async () => {
    const docir = await read({
      pages: [text(72, 700, "A page of text"), "q 300 0 0 300 100 200 cm /Im0 Do Q", ""],
    });
    assert.deepEqual(
      docir.blocks.map(({ type }) => type),
      ["paragraph", "image"],
    );
  });

  it("and without pictures is not an empty document", async () => {
    assert.deepEqual(
      (await read({ pages: [""] })).blocks.map(({ type }) => type),
      ["image"],
    );
  });
});

describe("a PDF that cannot be read", () => {
  const file = Buffer.from(buildPdf({ pages: [text(72, 700, "Whole")] }));
  const refused = (bytes: Uint8Array, code: RunFailureCode) =>
    assert.rejects(
      buildDocIR({ bytes, mediaType: MEDIA_TYPE }),
      (error) => error instanceof RunFailure && error.code === code,
    );

  it("because it is encrypted", async () => {
    await refused(buildPdf({ pages: [""], isEncrypted: true }), "FAILED_ENCRYPTED");
  });

  it("because it is cut off or no PDF at all", async () => {
    await refused(file.subarray(0, 300), "FAILED_CORRUPT");
    await refused(Buffer.from("%PDF-1.7\nnothing more"), "FAILED_CORRUPT");
    await refused(Buffer.from("no PDF"), "FAILED_CORRUPT");
    await refused(new Uint8Array(), "FAILED_CORRUPT");
  });

  it("because it is too large", async () => {
    const pages = Array.from({ length: 1001 }, () => "");
    const isTooLarge = (error: unknown) => error instanceof Failure && error.code === "payload_too_large";
    await assert.rejects(buildDocIR({ bytes: buildPdf({ pages }), mediaType: MEDIA_TYPE }), isTooLarge);
    await assert.rejects(
      buildDocIR({ bytes: Buffer.concat([file, Buffer.alloc(32 * 1024 * 1024)]), mediaType: MEDIA_TYPE }),
      isTooLarge,
    );
  });
});
