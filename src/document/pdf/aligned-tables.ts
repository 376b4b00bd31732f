import { areDoubtfulColumns, cellsOf, findColumnGaps, rowsOfLines } from "./columns.ts";
import { isJustified, type Line, WIDE_GAP } from "./lines.ts";
import { startsWithMarker } from "./markers.ts";
import { enclose, type Fragment, overlap, type Rule } from "./page-content.ts";
import type { TableOrLine } from "./page-lines.ts";
import type { PdfRules } from "./rules.ts";
import type { PageTable } from "./table.ts";

/** Finds tables without rules among the lines of a page in reading order: rows whose texts stand below each other in columns. */
export function findAlignedTables(
  lines: readonly Line[],
  rules: readonly Rule[],
  version: PdfRules,
): TableOrLine[] {
  const bands = bandsOf(lines);
  const found: TableOrLine[] = [];
  const tries = { longestFailed: 0 };
  for (let at = 0; at < bands.length; ) {
    const size = isRowLike(bands[at]) ? tableFrom(bands, at, { rules, found, version, tries }) : 0;
    if (size === 0) found.push(...(bands[at] ?? []).map((line) => ({ line })));
    at += Math.max(1, size);
  }
  return found;
}

/** Lines that stand beside each other although the stream reads them cell by cell. */
type Band = readonly Line[];

const MAX_BAND_LINES = 10;

function bandsOf(lines: readonly Line[]): Band[] {
  const bands: Line[][] = [];
  for (const line of lines) {
    const band = bands.at(-1);
    if (band && belongsTo(line, band)) band.push(line);
    else bands.push([line]);
  }
  // A column of running text beside another is no row.
  return bands.flatMap((band) =>
    heightInLines(band) <= MAX_BAND_LINES ? [band] : band.map((line) => [line]),
  );
}

function belongsTo(line: Line, band: readonly Line[]): boolean {
  const [, top, , bottom] = enclose(band.map(({ box }) => box));
  const last = band.at(-1);
  if (!last || overlap(top, bottom, line.box[1], line.box[3]) < 0.3 * line.size) {
    // Below the start of the cell beside, within the height of the row.
    return false;
  }
  const isRight = line.box[0] >= last.box[2] - 0.2 * line.size;
  const isBelowInColumn =
    band.length > 1 && Math.abs(line.box[0] - last.box[0]) < line.size && line.baseline > last.baseline;
  return isRight || isBelowInColumn;
}

function heightInLines(band: Band): number {
  const [, top, , bottom] = enclose(band.map(({ box }) => box));
  return (bottom - top) / Math.max(1, band[0]?.size ?? 1);
}

function isRowLike(band: Band | undefined): boolean {
  const [line] = band ?? [];
  if (!band || !line || band.some(({ isMono }) => isMono)) return false;
  return band.length > 1 || countWideGaps(line) > 0;
}

function countWideGaps({ fragments, size, text }: Line): number {
  let count = 0;
  const sorted = [...fragments].sort((a, b) => a.box[0] - b.box[0]);
  if (isJustified(sorted.map((fragment) => [fragment]))) return 0;
  for (const [index, { box }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (!before || box[0] - before.box[2] < WIDE_GAP * size) continue;
    // The gap between the number or bullet of a list and its text.
    if (index === 1 && startsWithMarker(text)) continue;
    count += 1;
  }
  return count;
}

/** Two rows without rules may be short texts beside each other, such as figures with their captions. */
const MIN_ROWS = 3;

type Search = Readonly<{
  rules: readonly Rule[];
  found: TableOrLine[];
  version: PdfRules;
  /** Where the last rows end that were tried at full length and make no table. */
  tries: { longestFailed: number };
}>;

/** Appends the table that begins with this band, and returns how many bands it takes; 0 for none. */
function tableFrom(bands: readonly Band[], start: number, { rules, found, version, tries }: Search): number {
  let end = start + 1;
  while (end < bands.length && follows(bands[end - 1], bands[end], isRowLike(bands[end]))) end += 1;
  while (end > start && !isRowLike(bands[end - 1])) end -= 1;
  const isBounded = version >= 4 && end - start > MAX_ROWS_TRIED_ONE_BY_ONE;
  if (isBounded && end === tries.longestFailed) end = start + MAX_ROWS_TRIED_ONE_BY_ONE;
  else tries.longestFailed = end;
  for (; end - start >= 2; end = isBounded ? start + ((end - start) >> 1) : end - 1) {
    const table = readTable(bands.slice(start, end), version);
    if (!table || isForm(table, rules)) continue;
    found.push({ table: withHeader(bands, [start, end], found, version) ?? table });
    return end - start;
  }
  return 0;
}

/**
 * Trying each length at each row takes the time of the third power of the rows. From this many rows on lengths are halved, and
 * rows that end where longer ones failed are not tried at full length again.
 */
const MAX_ROWS_TRIED_ONE_BY_ONE = 120;

/** Labels with a line or a box of its own for each value: they are filled in, and are no columns. */
function isForm({ rows, cols, cells }: PageTable, rules: readonly Rule[]): boolean {
  if (cols !== 2) return false;
  const underlined = cells.filter(({ c, fragments }) => {
    const [left, , right, bottom] = enclose(fragments.map(({ box }) => box));
    const size = fragments[0]?.size ?? 0;
    return (
      c === 1 &&
      rules.some(
        ({ isHorizontal, at, from, to }) =>
          isHorizontal &&
          Math.abs(at - bottom) < 0.7 * size &&
          from > left - size &&
          from < left + size &&
          to > right - size,
      )
    );
  });
  return underlined.length * 3 >= rows * 2;
}

/** The names of narrow columns stand close together, so that their row shows only by the rows below. */
function withHeader(
  bands: readonly Band[],
  [start, end]: readonly [start: number, end: number],
  found: TableOrLine[],
  version: PdfRules,
): PageTable | null {
  const above = bands[start - 1];
  const last = found.at(-1)?.line;
  if (above?.length !== 1 || last !== above[0] || !follows(above, bands[start], true)) return null;
  const table = readTable(bands.slice(start - 1, end), version);
  if (!table || table.cells.filter(({ r }) => r === 0).length < table.cols) return null;
  found.pop();
  return table;
}

function follows(before: Band | undefined, next: Band | undefined, isRow: boolean): boolean {
  const [above, below] = [before?.at(-1), next?.[0]];
  if (!before || !above || !below || below.isMono) return false;
  const bottom = Math.max(...before.map(({ box }) => box[3]));
  const gap = below.box[1] - bottom;
  const isAlike = below.size <= 1.3 * above.size && above.size <= 1.3 * below.size;
  if (!isAlike || gap < -0.6 * below.size) return false;
  // A line without columns may continue a cell, if it follows closely.
  return isRow ? gap < 2 * below.size : gap < 0.5 * below.size && below.text.length < 40;
}

function readTable(bands: readonly Band[], version: PdfRules): PageTable | null {
  const page = bands[0]?.[0]?.page ?? 0;
  const rows = bands.map((band) => band.flatMap(({ fragments }) => fragments));
  const gaps = findColumnGaps(rows);
  if (gaps.length === 0) return null;
  const isMultiLine = bands.some(({ length }) => length > 1);
  const whole = isMultiLine ? rows : rowsOfLines(rows, gaps);
  const cells = cellsOf(whole, gaps);
  const shared = whole.filter((_, r) => cells.filter((cell) => cell.r === r).length >= 2).length;
  if (whole.length < MIN_ROWS || shared < MIN_ROWS || shared * 3 < whole.length * 2) return null;
  if (
    isNumbering(
      cells.map(({ c, fragments }) => ({ c, text: textOf(fragments) })),
      gaps.length,
      version,
    )
  )
    return null;
  return {
    page,
    box: enclose(whole.flat().map(({ box }) => box)),
    rows: whole.length,
    cols: gaps.length + 1,
    cells,
    isDoubtful: areDoubtfulColumns(whole, gaps, cells),
  };
}

const LEADER_OR_NUMBER = /^(?:\(\d+[a-z]?\)|[.\s·…]{4,}\s*\d*|\S.*\.{4,}\s*\d*)$/;

/** Equations with their numbers, contents with their pages, and lists with their markers are no tables. */
const ROMAN = /^\(?[IVXLC]{1,6}[.)]$/;

function isNumbering(
  cells: readonly { c: number; text: string }[],
  last: number,
  version: PdfRules,
): boolean {
  const inColumn = (column: number) => cells.filter(({ c }) => c === column).map(({ text }) => text);
  const isMost = (texts: readonly string[], is: (text: string) => boolean) =>
    texts.filter(is).length * 3 >= texts.length * 2;
  if (cells.some(({ text }) => /\.{5}|(?:\. ){4}|(?: \.){4}/.test(text))) return true;
  if (isMost(inColumn(last), (text) => LEADER_OR_NUMBER.test(text))) return true;
  const isMarker = (text: string) => startsWithMarker(`${text} x`) || (version >= 4 && ROMAN.test(text));
  return last === 1 && isMost(inColumn(0), (text) => isMarker(text) && !/^\d+$/.test(text));
}

function textOf(fragments: readonly Fragment[]): string {
  return fragments.map(({ text }) => text).join(" ");
}
