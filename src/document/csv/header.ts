/** A header is compared with this many rows below it. */
const COMPARED_ROWS = 100;

const NUMBER_OR_DATE = /^[-+(]?[€$£¥]?\s*\d[\d.,:/\s-]*(?:[eE][-+]?\d+)?\s*[%€$£¥)]?$/;

/**
 * Whether the first row names the columns: every cell of it has a text of its own that is neither a number nor a date, and
 * no cell in the first rows below repeats the name of its column.
 */
export function isHeaderRow(first: readonly string[], below: Iterable<readonly string[]>): boolean {
  const names = first.map((name) => name.trim());
  if (names.some((name) => name === "" || NUMBER_OR_DATE.test(name))) return false;
  if (new Set(names).size < names.length) return false;
  let rows = 0;
  for (const row of below) {
    if (row.some((value, column) => value.trim() === names[column])) return false;
    rows += 1;
    if (rows === COMPARED_ROWS) break;
  }
  return rows > 0;
}
