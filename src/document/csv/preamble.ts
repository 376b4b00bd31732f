import { rowsOf } from "./rows.ts";

const SAMPLE_UNITS = 64 * 1024;
const SAMPLE_ROWS = 200;
const MAX_PREAMBLE_ROWS = 30;

/**
 * How many rows stand before the table, such as a title or the period of a report: rows with at most half of the columns that most
 * rows have, directly before one that has all of them.
 */
export function countPreambleRows(source: string, delimiter: string, start: number): number {
  const widths: number[] = [];
  const isCut = source.length > start + SAMPLE_UNITS;
  const sample = isCut ? source.slice(0, start + SAMPLE_UNITS) : source;
  for (const { fields } of rowsOf(sample, delimiter, { start, allowsBlanks: true })) {
    widths.push(fields.length);
    if (widths.length === SAMPLE_ROWS) break;
  }
  const width = mostCommon(widths);
  const first = widths.indexOf(width);
  const isPreamble = widths.slice(0, first).every((count) => count <= width / 2);
  const rowsWithAll = widths.filter((count) => count === width).length;
  const isTable = width > 1 && rowsWithAll > 1 && rowsWithAll * 2 >= widths.length - first;
  return isTable && isPreamble && first <= MAX_PREAMBLE_ROWS ? first : 0;
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [1, 0])[0];
}
