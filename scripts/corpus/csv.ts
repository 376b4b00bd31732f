import iconv from "iconv-lite";
import { createSeededRandom } from "../../src/testing/seeded-random.ts";
import type { CorpusDocument } from "./truth.ts";

/** A file of each dialect, with the cells that a reader should find. */
export function createCsvCorpus(): CorpusDocument[] {
  const file = (name: string, rows: readonly (readonly string[])[], bytes: Uint8Array): CorpusDocument => ({
    name,
    bytes,
    mediaType: name.endsWith(".tsv") ? "text/tab-separated-values" : "text/csv",
    truth: { text: rows.flat().join("\n"), tables: [rows] },
  });
  const encode = (text: string, charset = "utf-8", addBOM = false) => iconv.encode(text, charset, { addBOM });
  const [plain, awkward, wide] = [createRows(1, 40), createRows(2, 30, AWKWARD), createRows(3, 500)];
  const ragged = plain.map((row, r) => (r % 7 === 3 ? row.slice(0, 2) : row));
  return [
    file("comma.csv", plain, encode(join(plain, ",", "\n"))),
    file("crlf-quoted.csv", awkward, encode(join(awkward, ",", "\r\n", true))),
    file(
      "semicolon-decimal-comma.csv",
      plain.map(withCommas),
      encode(join(plain.map(withCommas), ";", "\r\n"), "windows-1252"),
    ),
    file("tab-utf-16.tsv", plain, encode(join(plain, "\t", "\n"), "utf-16le", true)),
    file("tab.tsv", awkward, encode(join(awkward, "\t", "\n"))),
    file("pipe.csv", plain, encode(join(plain, "|", "\n"))),
    file("sep-directive.csv", awkward, encode(`sep=;\r\n${join(awkward, ";", "\r\n")}`, "utf-8", true)),
    file("ragged.csv", ragged, encode(join(ragged, ",", "\n"))),
    file("carriage-returns.csv", plain, encode(join(plain, ",", "\r"))),
    file("five-hundred-rows.csv", wide, encode(join(wide, ",", "\n"))),
    file("blank-lines.csv", plain, encode(join(plain, ",", "\n\n"))),
    withPreamble(file("bank-statement.csv", STATEMENT, encode(STATEMENT_TEXT, "windows-1252"))),
    file("blanks-around-quotes.csv", BLANKS, encode('a, "b", c\n1, "x, y", 3\n2 , "z" , 4\n')),
  ];
}

const BLANKS = [
  ["a", "b", "c"],
  ["1", "x, y", "3"],
  ["2", "z", "4"],
];
const PREAMBLE = ["Kontoauszug", "Konto:;DE00 1234", "Zeitraum: 01.03.2024 - 31.03.2024"];
const STATEMENT = [
  ["Buchungstag", "Zweck", "Art", "Betrag"],
  ["01.03.2024", "Miete; März", "Lastschrift", "-850,00"],
  ["04.03.2024", 'Café "Süd"', "Karte", "-4,20"],
  ["09.03.2024", "Gehalt", "Gutschrift", "2.310,55"],
];
const STATEMENT_TEXT = `${PREAMBLE.join("\r\n")}\r\n\r\n${join(STATEMENT, ";", "\r\n", true)}`;

function withPreamble(document: CorpusDocument): CorpusDocument {
  const { truth } = document;
  return { ...document, truth: { ...truth, text: `${PREAMBLE.join("\n")}\n${truth.text}` } };
}

const AWKWARD = ['say "no"', "two\nlines", "a,b;c", " spaces ", "", "Größe", "日本", "-1,5", "=A1*2", '"'];
const NAMES = ["pump", "valve", "hose", "anchor", "rope"];

function createRows(seed: number, count: number, values: readonly string[] = NAMES): string[][] {
  const { next } = createSeededRandom(seed);
  const pick = () => values[Math.floor(next() * values.length)] ?? "";
  const rows = Array.from({ length: count }, (_, r) => [
    String(r + 1),
    pick(),
    (next() * 100).toFixed(2),
    pick(),
  ]);
  return [["id", "part name", "price", "remark"], ...rows];
}

function withCommas(row: readonly string[]): string[] {
  return row.map((value) => value.replace(/^(\d+)\.(\d+)$/, "$1,$2"));
}

function join(
  rows: readonly (readonly string[])[],
  delimiter: string,
  newline: string,
  quoteAll = false,
): string {
  const write = (value: string) =>
    quoteAll || value.includes(delimiter) || /["\r\n]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value;
  return rows.map((row) => row.map(write).join(delimiter)).join(newline) + newline;
}
