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
  ];
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
