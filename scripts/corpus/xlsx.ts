import { zipParts } from "../../src/document/ooxml/test-packages.ts";
import { formatReference } from "../../src/document/ooxml/xlsx/cell-reference.ts";
import {
  buildXlsx,
  buildXlsxParts,
  formula,
  inline,
  number,
  row,
  typed,
  type XlsxParts,
} from "../../src/document/ooxml/xlsx/test-xlsx.ts";
import type { CorpusDocument, Truth } from "./truth.ts";

const MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** Workbooks whose XML is written here by hand, each with what its cells show. */
export const XLSX_CORPUS: readonly CorpusDocument[] = [
  budget(),
  dates("dates-1900", false),
  dates("dates-1904", true),
  islandsAndMerges(),
  hiddenSheets(),
  formulas(),
  strictNamespaces(),
  formats(),
  readings(),
];

function xlsx(name: string, parts: XlsxParts, sheets: NonNullable<Truth["sheets"]>): CorpusDocument {
  return { name: `${name}.xlsx`, mediaType: MEDIA_TYPE, bytes: buildXlsx(parts), truth: { sheets } };
}

function budget(): CorpusDocument {
  const rows = [
    row(1, typed("A1", "s", 0), typed("B1", "s", 1), typed("C1", "s", 2)),
    row(2, typed("A2", "s", 3), number("B2", 14), number("C2", 2100, 1)),
    row(3, typed("A3", "s", 4), number("B3", 3.5), number("C3", 84.2, 1)),
    row(4, inline("A4", "Total"), formula("B4", "SUM(B2:B3)", 17.5), number("C4", "2184.1999999999998", 1)),
  ].join("");
  const strings = [
    "<t>Item</t>",
    "<t>Hours</t>",
    "<t>Cost</t>",
    "<t>Divers</t>",
    "<r><t>Bol</t></r><r><rPr><b/></rPr><t>ts</t></r>",
  ];
  return xlsx("budget", { sheets: [{ name: "Budget", rows }], strings, formats: ['"€" #,##0.00'] }, [
    {
      name: "Budget",
      cells: {
        A1: "Item",
        B1: "Hours",
        C1: "Cost",
        A2: "Divers",
        B2: "14",
        C2: "€ 2,100.00",
        A3: "Bolts",
        B3: "3.5",
        C3: "€ 84.20",
        A4: "Total",
        B4: "17.5",
        C4: "€ 2,184.20",
      },
    },
  ]);
}

function dates(name: string, is1904: boolean): CorpusDocument {
  const shift = is1904 ? 1462 : 0;
  const rows = [
    row(1, inline("A1", "day"), inline("B1", "time"), inline("C1", "both"), inline("D1", "span")),
    row(
      2,
      number("A2", 45351 - shift, 1),
      number("B2", 0.75, 2),
      number("C2", 45351.25 - shift, 3),
      number("D2", 1.5, 4),
    ),
    row(
      3,
      number("A3", 36526 - shift, 1),
      number("B3", 0.5, 2),
      number("C3", 36526.999 - shift, 3),
      number("D3", 0.25, 4),
    ),
  ].join("");
  const parts = {
    sheets: [{ name: "Tides", rows }],
    formats: [14, 20, "dd.mm.yyyy hh:mm:ss", "[h]:mm"],
    is1904,
  };
  return xlsx(name, parts, [
    {
      name: "Tides",
      cells: {
        A1: "day",
        B1: "time",
        C1: "both",
        D1: "span",
        A2: "2024-02-29",
        B2: "18:00",
        C2: "2024-02-29 06:00:00",
        D2: "36:00:00",
        A3: "2000-01-01",
        B3: "12:00",
        C3: "2000-01-01 23:58:34",
        D3: "06:00:00",
      },
    },
  ]);
}

function islandsAndMerges(): CorpusDocument {
  const rows = [
    row(1, inline("A1", "Opening hours")),
    row(3, inline("A3", "Lock"), inline("B3", "Open"), inline("F3", "Gauge"), inline("G3", "cm")),
    row(4, inline("B4", "from"), inline("C4", "to"), inline("F4", "upper"), number("G4", 412)),
    row(
      5,
      inline("A5", "North"),
      inline("B5", "6:00"),
      inline("C5", "22:00"),
      inline("F5", "lower"),
      number("G5", 388),
    ),
    row(9, inline("B9", "No warranty.")),
  ].join("");
  const after =
    '<mergeCells count="3"><mergeCell ref="A1:C1"/><mergeCell ref="A3:A4"/><mergeCell ref="B3:C3"/></mergeCells>';
  return xlsx("islands-and-merges", { sheets: [{ name: "Hours", rows, after }] }, [
    {
      name: "Hours",
      cells: {
        A1: "Opening hours",
        A3: "Lock",
        B3: "Open",
        B4: "from",
        C4: "to",
        A5: "North",
        B5: "6:00",
        C5: "22:00",
        F3: "Gauge",
        G3: "cm",
        F4: "upper",
        G4: "412",
        F5: "lower",
        G5: "388",
        B9: "No warranty.",
      },
    },
  ]);
}

function hiddenSheets(): CorpusDocument {
  const sheets = [
    { name: "Shown & open", rows: row(1, inline("A1", "a"), inline("B1", "b")) },
    { name: "Hidden", entry: 'state="hidden"', rows: row(2, inline("B2", "secret"), number("C2", 7)) },
    { name: "Very hidden", entry: 'state="veryHidden"', rows: row(1, number("A1", 1)) },
    { name: "Empty", rows: "" },
  ];
  return xlsx("hidden-sheets", { sheets }, [
    { name: "Shown & open", cells: { A1: "a", B1: "b" } },
    { name: "Hidden", cells: { B2: "secret", C2: "7" } },
    { name: "Very hidden", cells: { A1: "1" } },
  ]);
}

function formulas(): CorpusDocument {
  const rows = [
    row(1, number("A1", 2), formula("B1", "A1*2", 4, 't="shared" ref="B1:B3" si="0"'), typed("C1", "b", 1)),
    row(2, number("A2", 3), formula("B2", "", 6, 't="shared" si="0"'), typed("C2", "b", 0)),
    row(3, number("A3", 0), formula("B3", "", 0, 't="shared" si="0"'), typed("C3", "e", "#DIV/0!")),
    row(
      4,
      inline("A4", "sum"),
      '<c r="B4" t="str"><f>TEXT(SUM(B1:B3),"0")</f><v>10</v></c>',
      '<c r="C4"><f>NOW()</f></c>',
    ),
  ].join("");
  return xlsx("formulas", { sheets: [{ name: "S", rows }] }, [
    {
      name: "S",
      cells: {
        A1: "2",
        B1: "4",
        C1: "TRUE",
        A2: "3",
        B2: "6",
        C2: "FALSE",
        A3: "0",
        B3: "0",
        C3: "#DIV/0!",
        A4: "sum",
        B4: "10",
        C4: "=NOW()",
      },
    },
  ]);
}

function strictNamespaces(): CorpusDocument {
  const rows =
    '<row><c t="inlineStr"><is><t>no</t></is></c><c><v>1</v></c></row><row><c t="d"><v>2024-02-29</v></c><c><v>2.50</v></c></row>';
  const parts = Object.entries(buildXlsxParts({ sheets: [{ name: "Strict", rows }] })).map(
    ([name, xml]): [string, string] => [
      name,
      String(xml)
        .replaceAll(
          "schemas.openxmlformats.org/spreadsheetml/2006/main",
          "purl.oclc.org/ooxml/spreadsheetml/main",
        )
        .replaceAll(
          "schemas.openxmlformats.org/officeDocument/2006/relationships",
          "purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    ],
  );
  return {
    name: "strict-namespaces.xlsx",
    mediaType: MEDIA_TYPE,
    bytes: zipParts(Object.fromEntries(parts)),
    truth: { sheets: [{ name: "Strict", cells: { A1: "no", B1: "1", A2: "2024-02-29", B2: "2.5" } }] },
  };
}

function formats(): CorpusDocument {
  const cases: readonly (readonly [format: string | number, value: number, text: string])[] = [
    [1, 2.5, "3"],
    [9, 0.256, "26%"],
    [10, 0.12345, "12.35%"],
    [11, 12345, "1.23E+04"],
    ["#,##0.00;[Red](#,##0.00)", -1234.5, "(1,234.50)"],
    ["[$£-809]#,##0", 1200, "£1,200"],
    ['0.0" kg"', 12.04, "12.0 kg"],
    ['#,##0,," M"', 2_600_000, "3 M"],
    ["General", 1e21, "1E+21"],
    ["# ??/??", 0.5, "0.5"],
  ];
  const rows = cases.map(([, value, text], index) =>
    row(index + 1, inline(`A${index + 1}`, text), number(`B${index + 1}`, value, index + 1)),
  );
  const cells = Object.fromEntries(
    cases.flatMap(([, , text], index) => [
      [`A${index + 1}`, text],
      [`B${index + 1}`, text],
    ]),
  );
  return xlsx(
    "formats",
    { sheets: [{ name: "Formats", rows: rows.join("") }], formats: cases.map(([format]) => format) },
    [{ name: "Formats", cells }],
  );
}

function readings(): CorpusDocument {
  const cells: Record<string, string> = {};
  const rows = Array.from({ length: 250 }, (_, r) => {
    const inRow = Array.from({ length: 8 }, (_, c) => {
      const reference = formatReference({ row: r, column: c });
      cells[reference] = String((r * 7919 + c * 104_729) % 10_007);
      return number(reference, cells[reference]);
    });
    return row(r + 1, ...inRow);
  });
  return xlsx("readings", { sheets: [{ name: "Readings", rows: rows.join("") }] }, [
    { name: "Readings", cells },
  ]);
}
