import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunFailure } from "../../../failure.ts";
import type { DocIR, SourceAnchor } from "../../schema.ts";
import { assertInvariants, textOf } from "../../test-kit.ts";
import { moveFormula } from "./cell-reference.ts";
import { createFormatter } from "./number-format.ts";
import {
  buildXlsx,
  formula,
  inline,
  number,
  row,
  type SheetParts,
  typed,
  type XlsxParts,
} from "./test-xlsx.ts";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async function read(parts: XlsxParts): Promise<DocIR> {
  return (await assertInvariants(buildXlsx(parts), XLSX)).docir;
}

/** The text of each cell, and of each block that is one cell, by sheet and reference. */
function cellsOf(docir: DocIR): Record<string, string> {
  const cells: Record<string, string> = {};
  for (const [anchor, text] of anchoredCells(docir)) {
    if (anchor.k === "cell") cells[`${anchor.sheet}!${anchor.ref}`] = text;
  }
  return cells;
}

function anchoredCells(docir: DocIR): [SourceAnchor, string][] {
  return docir.blocks.flatMap((block) =>
    block.table
      ? block.table.cells.flatMap(({ src = [], span }) =>
          src.map((anchor): [SourceAnchor, string] => [anchor, docir.text.slice(...span)]),
        )
      : block.src.map((anchor): [SourceAnchor, string] => [anchor, textOf(docir, block)]),
  );
}

const oneSheet = (rows: string, more: Omit<SheetParts, "name" | "rows"> = {}) => ({
  sheets: [{ name: "Costs", rows, ...more }],
});

describe("the cells of a workbook", () => {
  it("are strings of every kind, numbers, booleans and errors", async () => {
    const rows = row(
      1,
      typed("A1", "s", 0),
      typed("B1", "s", 1),
      inline("C1", "own _x0041_"),
      number("D1", 0.1),
      typed("E1", "b", 1),
      typed("F1", "e", "#DIV/0!"),
      typed("G1", "str", "made"),
      number("H1", "1.2300000000000001E+2"),
    );
    const strings = [
      "<t>plain &amp; short</t>",
      '<r><t>rich</t></r><r><rPr><b/></rPr><t xml:space="preserve"> text</t></r><rPh sb="0" eb="1"><t>reading</t></rPh>',
    ];
    const docir = await read({ ...oneSheet(rows), strings });
    assert.deepEqual(cellsOf(docir), {
      "Costs!A1": "plain & short",
      "Costs!B1": "rich text",
      "Costs!C1": "own A",
      "Costs!D1": "0.1",
      "Costs!E1": "TRUE",
      "Costs!F1": "#DIV/0!",
      "Costs!G1": "made",
      "Costs!H1": "123",
    });
    const anchors = anchoredCells(docir).map(([anchor]) => anchor);
    assert.deepEqual(
      anchors.find((anchor) => anchor.k === "cell" && anchor.ref === "E1"),
      {
        k: "cell",
        sheet: "Costs",
        ref: "E1",
        value: "1",
      },
    );
  });

  it("keep formulas beside their cached value, those of a shared one moved to each cell", async () => {
    const rows = [
      row(1, number("A1", 2), formula("B1", 'A1*$D$1&"A1"', 4, 't="shared" ref="B1:B2" si="0"')),
      row(2, number("A2", 3), formula("B2", "", 6, 't="shared" si="0"')),
      row(3, '<c r="A3"><f>SUM(A1:A2)</f></c>'),
    ].join("");
    const docir = await read(oneSheet(rows));
    const formulas = anchoredCells(docir).map(([anchor, text]) => [
      anchor.k === "cell" && anchor.formula,
      text,
    ]);
    assert.deepEqual(formulas.slice(1), [
      [undefined, "2"],
      ['A1*$D$1&"A1"', "4"],
      [undefined, "3"],
      ['A2*$D$1&"A1"', "6"],
      ["SUM(A1:A2)", "=SUM(A1:A2)"],
    ]);
  });

  it("show dates of both epochs, percentages and amounts by their format, with the raw value beside them", async () => {
    const rows = row(
      1,
      number("A1", 45351, 1),
      number("B1", 0.125, 2),
      number("C1", 1234.5, 3),
      number("D1", 45351.75, 4),
      number("E1", 7, 0),
    );
    const formats = [14, 10, '"€"#,##0.00', "dd/mm/yyyy hh:mm"];
    const docir = await read({ ...oneSheet(rows), formats });
    assert.deepEqual(Object.values(cellsOf(docir)), [
      "2024-02-29",
      "12.50%",
      "€1,234.50",
      "2024-02-29 18:00",
      "7",
    ]);
    assert.deepEqual(docir.blocks[1]?.table?.cells[0]?.src, [
      { k: "cell", sheet: "Costs", ref: "A1", value: "45351", format: "yyyy-mm-dd" },
    ]);
    const mac = await read({ ...oneSheet(rows), formats, is1904: true });
    assert.equal(Object.values(cellsOf(mac))[0], "2028-03-01");
  });

  it("may leave out their references, and come out of order", async () => {
    const rows = `<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>${row(1, number("A1", 9))}`;
    assert.deepEqual(cellsOf(await read(oneSheet(rows))), {
      "Costs!A1": "1",
      "Costs!B1": "2",
      "Costs!A2": "3",
    });
  });

  it("lead where their links lead", async () => {
    const after = '<hyperlinks><hyperlink ref="A1" r:id="site"/></hyperlinks>';
    const docir = await read(
      oneSheet(row(1, inline("A1", "the site")), {
        after,
        related: [["site", "hyperlink", "https://a.test/"]],
      }),
    );
    assert.deepEqual(
      docir.blocks[1]?.links?.map(({ target }) => target),
      ["https://a.test/"],
    );
  });
});

describe("the sheets of a workbook", () => {
  it("come in the order of their tabs, each under its name, hidden ones marked", async () => {
    const docir = await read({
      sheets: [
        { name: "Costs & more", rows: row(1, number("A1", 1)) },
        { name: "Empty", rows: "" },
        { name: "Secret", entry: 'state="veryHidden"', rows: row(1, number("A1", 2), number("B1", 3)) },
      ],
    });
    assert.deepEqual(
      docir.blocks.map((block) => [block.type, block.role, textOf(docir, block)]),
      [
        ["heading", undefined, "Costs & more"],
        ["paragraph", undefined, "1"],
        ["heading", "hidden", "Secret"],
        ["table", "hidden", "2\t3"],
      ],
    );
    assert.deepEqual(docir.blocks[3]?.table?.cells[0]?.src, [
      { k: "cell", sheet: "Secret", ref: "A1", hidden: true },
    ]);
  });

  it("are cut into a table for each island of cells, and paragraphs for cells that stand alone", async () => {
    const rows = [
      row(1, inline("A1", "Report")),
      row(3, inline("A3", "item"), inline("B3", "cost"), inline("E3", "x"), inline("F3", "y")),
      row(4, inline("A4", "pump"), number("B4", 3), inline("E4", "z")),
    ].join("");
    const docir = await read(oneSheet(rows));
    assert.deepEqual(
      docir.blocks.map((block) => [
        block.type,
        textOf(docir, block),
        block.src[0]?.k === "cell" && block.src[0].ref,
      ]),
      [
        ["heading", "Costs", false],
        ["paragraph", "Report", "A1"],
        ["table", "item\tcost\npump\t3", "A3:B4"],
        ["table", "x\ty\nz\t", "E3:F4"],
      ],
    );
    assert.deepEqual(
      docir.blocks[2]?.table?.cells.map(({ header }) => header),
      [true, true, false, false],
    );
    assert.deepEqual(
      docir.blocks[3]?.table?.cells.map(({ header }) => header),
      [false, false, false, false],
    );
  });

  it("do not make tables of what is sparse", async () => {
    const diagonal = Array.from({ length: 20 }, (_, at) =>
      row(at + 1, number(`${String.fromCharCode(65 + at)}${at + 1}`, at)),
    );
    const docir = await read(oneSheet(diagonal.join("") + row(1_048_576, number("XFD1048576", 1))));
    assert.equal(docir.blocks.filter(({ table }) => table).length, 0);
    assert.equal(docir.blocks.length, 22);
  });

  it("merge cells, also where merged ranges overlap", async () => {
    const rows = [
      row(1, inline("A1", "wide"), inline("C1", "c")),
      row(2, inline("A2", "tall"), inline("B2", "b")),
      row(3, inline("A3", "under"), inline("B3", "d"), inline("C3", "e")),
    ].join("");
    const after =
      '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:A3"/><mergeCell ref="B2:C3"/><mergeCell ref="C1:C2"/></mergeCells>';
    const docir = await read(oneSheet(rows, { after }));
    assert.deepEqual(
      docir.blocks[1]?.table?.cells.map(({ r, c, rs, cs, span }) => [
        r,
        c,
        rs,
        cs,
        docir.text.slice(...span),
      ]),
      [
        [0, 0, 1, 2, "wide"],
        [0, 2, 2, 1, "c"],
        [1, 0, 2, 1, "tall"],
        [1, 1, 1, 1, "b"],
        [2, 1, 1, 1, "d"],
        [2, 2, 1, 1, "e"],
      ],
    );
  });

  it("have comments below their cells", async () => {
    const comments = '<comment ref="A1" authorId="0"><text><r><t>Really?</t></r></text></comment>';
    const docir = await read(oneSheet(row(1, number("A1", 1), number("B1", 1)), { comments }));
    assert.equal(docir.blocks[2]?.type, "comment");
    assert.equal(docir.blocks[2]?.parent, docir.blocks[1]?.id);
  });
});

describe("number formats", () => {
  const cases: [code: string, number: number, text: string][] = [
    ["0", 2.5, "3"],
    ["0.00", 1.005, "1.01"],
    ["0.00", -0.001, "0.00"],
    ["#,##0", 1234567, "1,234,567"],
    ["#,##0.0#", 0.5, "0.5"],
    ["#,##0,", 1234567, "1,235"],
    ["0%", 0.256, "26%"],
    ["0.0E+00", 12345, "1.2E+04"],
    ["[$€-407] #,##0.00;[Red]-[$€-407] #,##0.00", -12.5, "-€ 12.50"],
    ["#,##0.00_);(#,##0.00)", -3, "(3.00)"],
    ['0.0" kg"', 2, "2.0 kg"],
    ["# ?/?", 0.5, "0.5"],
    ["000-0000", 5551234, "5551234"],
    ["General", 0.1 + 0.2, "0.3"],
    [";;;", 5, "5"],
    ["[>100]0.0;0", 5, "5"],
    ["yyyy-mm-dd", 59, "1900-02-28"],
    ["yyyy-mm-dd", 60, "1900-02-29"],
    ["yyyy-mm-dd", 61, "1900-03-01"],
    ["mmm-yy", 45351, "2024-02-29"],
    ["h:mm AM/PM", 0.75, "18:00"],
    ["[h]:mm:ss", 1.5, "36:00:00"],
    ["d/m/yy h:mm", 45351.9999999, "2024-03-01 00:00"],
    ["yyyy-mm-dd", -1, "-1"],
  ];
  for (const [code, value, text] of cases) {
    it(`show ${value} as ${text} by ${code}`, () => {
      assert.equal(createFormatter(code, false)(value), text);
    });
  }
});

describe("a formula that several cells share", () => {
  it("moves with its cell, but for what is fixed, quoted or called", () => {
    assert.equal(
      moveFormula("A1+$B$2+C$3+LOG10(A1)&\"A1\"&'A1 x'!B1", 1, 2),
      "C2+$B$2+E$3+LOG10(C2)&\"A1\"&'A1 x'!D2",
    );
    assert.equal(moveFormula("A1", -1, 0), "#REF!");
  });
});

describe("a workbook that is too large", () => {
  it("fails as such", async () => {
    const cells = "<c><v>1</v></c>".repeat(1_000_001);
    await assert.rejects(
      read(oneSheet(`<row>${cells}</row>`)),
      (error) => error instanceof RunFailure && error.code === "FAILED_TOO_LARGE",
    );
  });
});
