import type { Memo } from "../schema.ts";

/** What a spreadsheet would take for a formula. A number with its sign is none. */
const FORMULA = /^[=@\t\r]|^[+-](?![\d.,]+\s?%?$)/;

/**
 * The figures of a memo as CSV (RFC 4180), with their places in the text of the docir in UTF-16 units. A field that a spreadsheet
 * would take for a formula begins with an apostrophe.
 */
export function writeFiguresAsCsv({ figures }: Memo): string {
  const rows = figures.map(({ kind, text, cite: { span, page, quoteSha } }) => [
    kind,
    text,
    page === undefined ? "" : String(page),
    String(span[0]),
    String(span[1]),
    quoteSha,
  ]);
  return [["kind", "figure", "page", "from", "to", "quote_sha256"], ...rows]
    .map((fields) => `${fields.map(quoteField).join(",")}\r\n`)
    .join("");
}

function quoteField(field: string): string {
  const text = FORMULA.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
