import type { CellRange } from "./cell-reference.ts";
import type { Cell } from "./read-sheet.ts";

/** A rectangle around cells that touch, with no free row or column between them. */
export type Island = CellRange & { readonly cells: Cell[] };

/** Splitting rows can free columns and the other way round; each round does both. */
const MAX_ROUNDS = 8;

/** A rectangle with more free places than this for each cell is no table. */
const MAX_PLACES_PER_CELL = 4;
/** Forms are looser, and small. */
const SMALL_PLACES = 64;

/** Cuts the cells of a sheet, given in reading order, along free rows and columns. What is too sparse for a table comes as runs of cells in a row. */
export function findIslands(cells: Cell[]): Island[] {
  let groups: Cell[][] = [cells];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const split = groups
      .flatMap((group) => splitAlong(group, "row", "rowEnd"))
      .flatMap((group) => splitAlong(group, "column", "columnEnd"));
    if (split.length === groups.length) break;
    groups = split;
  }
  return groups
    .flatMap((group) => (isDense(group) ? [group] : runsOf(group)))
    .filter((group) => group.length > 0)
    .map(toIsland)
    .sort(inReadingOrder);
}

function inReadingOrder(a: CellRange, b: CellRange): number {
  return a.row - b.row || a.column - b.column;
}

/** Groups in the order of the axis; the cells of each stay in their order. */
function splitAlong(cells: Cell[], start: "row" | "column", end: "rowEnd" | "columnEnd"): Cell[][] {
  const reachByStart = new Map<number, number>();
  for (const cell of cells) {
    const known = reachByStart.get(cell[start]);
    if (known === undefined || known < cell[end]) reachByStart.set(cell[start], cell[end]);
  }
  const groupByStart = new Map<number, Cell[]>();
  const groups: Cell[][] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (const [from, to] of [...reachByStart].sort((a, b) => a[0] - b[0])) {
    const group = from > reach ? [] : (groups.at(-1) ?? []);
    if (from > reach) groups.push(group);
    groupByStart.set(from, group);
    reach = Math.max(reach, to);
  }
  if (groups.length <= 1) return [cells];
  for (const cell of cells) groupByStart.get(cell[start])?.push(cell);
  return groups;
}

function isDense(cells: Cell[]): boolean {
  const { row, column, rowEnd, columnEnd } = toIsland(cells);
  const places = (rowEnd - row) * (columnEnd - column);
  return places <= Math.max(SMALL_PLACES, MAX_PLACES_PER_CELL * cells.length);
}

/** Cells that touch within one row. A merged cell over several rows stands alone. */
function runsOf(cells: readonly Cell[]): Cell[][] {
  const runs: Cell[][] = [];
  let last: Cell | undefined;
  for (const cell of cells) {
    const isTall = cell.rowEnd - cell.row > 1;
    if (last && !isTall && last.row === cell.row && last.columnEnd === cell.column) runs.at(-1)?.push(cell);
    else runs.push([cell]);
    last = isTall ? undefined : cell;
  }
  return runs;
}

function toIsland(cells: Cell[]): Island {
  const range = { row: Number.MAX_SAFE_INTEGER, column: Number.MAX_SAFE_INTEGER, rowEnd: 0, columnEnd: 0 };
  for (const cell of cells) {
    if (cell.row < range.row) range.row = cell.row;
    if (cell.column < range.column) range.column = cell.column;
    if (cell.rowEnd > range.rowEnd) range.rowEnd = cell.rowEnd;
    if (cell.columnEnd > range.columnEnd) range.columnEnd = cell.columnEnd;
  }
  return { ...range, cells };
}
