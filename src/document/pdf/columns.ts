import { enclose, type Fragment, median } from "./page-content.ts";
import type { TableCell } from "./table.ts";

/** Places along a line are counted in bins of half a point. */
const BIN = 50;

/** Between two columns nothing stands over a width of at least this many times the size of the text. */
const MIN_CORRIDOR = 0.25;

/** In most rows the texts on both sides of it are at least so far apart. */
const MIN_MEDIAN_GAP = 0.65;

/** One row in so many may span several columns. */
const ROWS_PER_SPANNING = 6;

/** The places between the columns that these rows have in common, from left to right; empty for rows of running text. */
export function findColumnGaps(rows: readonly (readonly Fragment[])[]): number[] {
  const all = rows.flat();
  const [left, , right] = enclose(all.map(({ box }) => box));
  const size = median(all.map((fragment) => fragment.size));
  const covered = rowsOverBins(rows, left, Math.floor((right - left) / BIN) + 2);
  const allowed = rows.length >= 4 ? Math.floor(rows.length / ROWS_PER_SPANNING) : 0;
  const gaps: number[] = [];
  for (let bin = 0; bin < covered.length - 1; bin += 1) {
    if ((covered[bin] ?? 0) > allowed) continue;
    const start = bin;
    while (bin + 1 < covered.length && (covered[bin + 1] ?? 0) <= allowed) bin += 1;
    const [from, to] = [left + start * BIN, left + (bin + 1) * BIN];
    if (to - from < MIN_CORRIDOR * size || to >= right) continue;
    const least = leastCovered(covered, start, bin);
    const place = left + least * BIN + (BIN >> 1);
    if (isGap(rows, place, size)) gaps.push(place);
  }
  return gaps;
}

/** How many rows have text over each bin. Their ends are counted, not their bins: rows may be wide and many. */
function rowsOverBins(rows: readonly (readonly Fragment[])[], left: number, bins: number): Uint16Array {
  const changes = new Int32Array(bins + 1);
  for (const row of rows) {
    let next = 0;
    const spans = row.map(({ box }) => [
      Math.floor((box[0] - left) / BIN),
      Math.min(Math.ceil((box[2] - left) / BIN), bins),
    ]);
    for (const [from = 0, to = 0] of spans.sort(([a = 0], [b = 0]) => a - b)) {
      const start = Math.max(from, next);
      if (start >= to) continue;
      changes[start] = (changes[start] ?? 0) + 1;
      changes[to] = (changes[to] ?? 0) - 1;
      next = to;
    }
  }
  const covered = new Uint16Array(bins);
  let open = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    open += changes[bin] ?? 0;
    covered[bin] = open;
  }
  return covered;
}

/** The middle of the bins with the least text. */
function leastCovered(covered: Uint16Array, start: number, end: number): number {
  let least = start;
  for (let bin = start; bin <= end; bin += 1) if ((covered[bin] ?? 0) < (covered[least] ?? 0)) least = bin;
  let last = least;
  while (last < end && covered[last + 1] === covered[least]) last += 1;
  return (least + last) >> 1;
}

function isGap(rows: readonly (readonly Fragment[])[], place: number, size: number): boolean {
  const widths = widthsAt(rows, place);
  return widths.length * 2 >= Math.min(rows.length, 4) && median(widths) >= MIN_MEDIAN_GAP * size;
}

/** How far apart the texts on both sides of a place are, in the rows that have both. */
function widthsAt(rows: readonly (readonly Fragment[])[], place: number): number[] {
  return rows.flatMap((row) => {
    const before = row.filter(({ box }) => box[2] <= place).map(({ box }) => box[2]);
    const after = row.filter(({ box }) => box[0] >= place).map(({ box }) => box[0]);
    const isCrossed = row.some(({ box }) => box[0] < place && box[2] > place);
    return isCrossed || before.length === 0 || after.length === 0
      ? []
      : [Math.min(...after) - Math.max(...before)];
  });
}

/** Gaps of less than this many times the size may be spaces between words. */
const CLEAR_GAP = 0.9;

/** Whether columns are a guess: they stand close together, or many rows have only one cell or cells over several columns. */
export function areDoubtfulColumns(
  rows: readonly (readonly Fragment[])[],
  gaps: readonly number[],
  cells: readonly TableCell[],
): boolean {
  const size = median(rows.flat().map((fragment) => fragment.size));
  const isClose = gaps.some((place) => median(widthsAt(rows, place)) < CLEAR_GAP * size);
  const uneven = rows.filter((_, r) => {
    const own = cells.filter((cell) => cell.r === r);
    return own.length < 2 || own.some(({ cs }) => cs > 1);
  });
  return isClose || uneven.length * 4 > rows.length;
}

/** The cells of rows that are parted by these gaps. A fragment that crosses a gap spans the columns on both sides. */
export function cellsOf(rows: readonly (readonly Fragment[])[], gaps: readonly number[]): TableCell[] {
  return rows.flatMap((row, r) => {
    const byColumn = new Map<number, { end: number; fragments: Fragment[] }>();
    for (const fragment of [...row].sort((a, b) => a.box[0] - b.box[0])) {
      const tolerance = 0.2 * fragment.size;
      const c = gaps.filter((gap) => gap <= fragment.box[0] + tolerance).length;
      const end = Math.max(c, gaps.filter((gap) => gap < fragment.box[2] - tolerance).length);
      const open = [...byColumn].find(([start, cell]) => start <= c && c <= cell.end);
      if (open) {
        open[1].fragments.push(fragment);
        open[1].end = Math.max(open[1].end, end);
      } else byColumn.set(c, { end, fragments: [fragment] });
    }
    return [...byColumn].map(([c, { end, fragments }]) => ({ r, c, rs: 1, cs: end - c + 1, fragments }));
  });
}

/** Rows of lines: a line that only continues the cells above it is part of their row. */
export function rowsOfLines(lines: readonly (readonly Fragment[])[], gaps: readonly number[]): Fragment[][] {
  const pitches = lines.slice(1).map((line, index) => baselineOf(line) - baselineOf(lines[index] ?? []));
  const tight = Math.min(...pitches);
  const isUneven = Math.max(...pitches) > 1.3 * tight;
  const rows: Fragment[][] = [];
  for (const [index, line] of lines.entries()) {
    const row = rows.at(-1);
    const pitch = pitches[index - 1] ?? 0;
    if (row && isContinuation(line, row, gaps, isUneven ? pitch <= 1.15 * tight : null)) row.push(...line);
    else rows.push([...line]);
  }
  return rows;
}

function isContinuation(
  line: readonly Fragment[],
  row: readonly Fragment[],
  gaps: readonly number[],
  isTight: boolean | null,
): boolean {
  if (isTight === false) return false;
  const filled = filledColumns(line, gaps);
  const above = filledColumns(row, gaps);
  if (![...filled].every((column) => above.has(column))) return false;
  if (isTight) return !filled.has(0) || filled.size < above.size;
  return !filled.has(0) && filled.size <= Math.max(1, (gaps.length + 1) / 3);
}

function filledColumns(line: readonly Fragment[], gaps: readonly number[]): Set<number> {
  return new Set(line.map(({ box }) => gaps.filter((gap) => gap <= (box[0] + box[2]) / 2).length));
}

function baselineOf(line: readonly Fragment[]): number {
  return line[0]?.baseline ?? 0;
}
