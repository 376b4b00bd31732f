import { enclose, type Fragment } from "./page-content.ts";
import { baselinesOf, type TableCell } from "./table.ts";

/** Fewer lines beside each other may be two cells whose texts were broken at the same place. */
const MIN_LINES = 3;

/** Lines on one baseline differ by less than this many times their size. */
const SAME_BASELINE = 0.3;

type Place = Readonly<{ cell: TableCell; left: number; right: number; lines: readonly Fragment[][] }>;

/**
 * Rows of a grid in which no rules part the lines: tables often have rules only around groups of rows. A row is split at its lines
 * where all cells have theirs on the baselines of the first cell, and most would have had room in the line above.
 */
export function splitUnruledRows(
  rows: number,
  cells: readonly TableCell[],
  xs: readonly number[],
): { rows: number; cells: TableCell[] } {
  const placed = placesByRow(cells, xs);
  /** How many rows each row becomes. */
  const counts = Array.from({ length: rows }, (_, r) => splitOf(placed[r] ?? []));
  if (counts.every((count) => count === 1)) return { rows, cells: [...cells] };
  const starts = [0];
  for (const count of counts) starts.push((starts.at(-1) ?? 0) + count);
  const startOf = (r: number) => starts[r] ?? 0;
  const linesOf = new Map(placed.flatMap((places = []) => places.map(({ cell, lines }) => [cell, lines])));
  const split = cells.flatMap((cell): TableCell[] => {
    const [start, end] = [startOf(cell.r), startOf(cell.r + cell.rs)];
    if (cell.rs > 1 || end - start === 1) return [{ ...cell, r: start, rs: end - start }];
    const lead = placed[cell.r]?.[0]?.lines ?? [];
    const lines = linesOf.get(cell) ?? [];
    return lead.map((line, index) => ({
      ...cell,
      r: start + index,
      fragments: lines.filter((own) => isBeside(own, line)).flat(),
    }));
  });
  return { rows: startOf(rows), cells: split.sort((a, b) => a.r - b.r || a.c - b.c) };
}

/** The cells of one row with text in them, by their row. */
function placesByRow(cells: readonly TableCell[], xs: readonly number[]): Place[][] {
  const placed: Place[][] = [];
  for (const cell of cells) {
    if (cell.rs > 1 || cell.fragments.length === 0) continue;
    placed[cell.r] ??= [];
    placed[cell.r]?.push({
      cell,
      left: xs[cell.c] ?? 0,
      right: xs[cell.c + cell.cs] ?? 0,
      lines: baselinesOf(cell.fragments),
    });
  }
  return placed;
}

function splitOf(places: readonly Place[]): number {
  const [lead, ...others] = places;
  const count = lead?.lines.length ?? 0;
  if (!lead || others.length === 0 || count < MIN_LINES) return 1;
  const isInRows = others.every(({ lines }) =>
    lines.every((line) => lead.lines.some((first) => isBeside(line, first))),
  );
  const areMany = others.some(({ lines }) => lines.length >= MIN_LINES);
  return isInRows && areMany && places.every(isUnbroken) ? count : 1;
}

function isBeside(line: readonly Fragment[], other: readonly Fragment[]): boolean {
  const [a, b] = [line[0], other[0]];
  return a !== undefined && b !== undefined && Math.abs(a.baseline - b.baseline) < SAME_BASELINE * a.size;
}

/** The share of lines whose first word would have had room behind the line above: none in a cell that is too narrow for its text. */
const MIN_ROOM_SHARE = 0.5;

/** Whether a column was not broken. It is as wide as its longest text, so words that stand alone in all lines need no room. */
function isUnbroken({ left, right, lines }: Place): boolean {
  if (lines.every((line) => line.length === 1 && !/\s/.test(line[0]?.text ?? ""))) return true;
  const below = lines.slice(1);
  const fitting = below.filter((line, index) => hasRoom(lines[index] ?? [], line, [left, right]));
  return fitting.length >= MIN_ROOM_SHARE * below.length;
}

function hasRoom(
  above: readonly Fragment[],
  line: readonly Fragment[],
  [left, right]: readonly [left: number, right: number],
): boolean {
  const box = enclose(above.map((fragment) => fragment.box));
  const first = line.reduce((least, one) => (one.box[0] < least.box[0] ? one : least));
  const word = first.text.search(/\s/);
  const width = (first.box[2] - first.box[0]) * (word < 0 ? 1 : word / first.text.length);
  const margin = Math.min(Math.max(first.box[0], box[0]) - left, first.size);
  return right - left - (box[2] - box[0]) - margin > width + first.size;
}
