import type { CellRange } from "./cell-reference.ts";
import type { Cell } from "./read-sheet.ts";

/** A cell with the cells that are merged into it. */
export type Area = CellRange & { readonly cell: Cell };

/** A rectangle around cells that touch, with no free row or column between them. */
export type Island = CellRange & { readonly areas: readonly Area[] };

/** Splitting rows can free columns and the other way round; each round does both. */
const MAX_ROUNDS = 8;

/** A rectangle with more free places than this for each cell is no table. */
const MAX_PLACES_PER_CELL = 4;
/** Forms are looser, and small. */
const SMALL_PLACES = 64;

/** Cuts the cells of a sheet, given in reading order, along free rows and columns. What is too sparse for a table comes as runs of cells in a row. */
export function findIslands(areas: readonly Area[]): Island[] {
  let groups: (readonly Area[])[] = [areas];
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

/** Groups in the order of the axis; the areas of each stay in their order. */
function splitAlong(
  areas: readonly Area[],
  start: "row" | "column",
  end: "rowEnd" | "columnEnd",
): (readonly Area[])[] {
  const reachByStart = new Map<number, number>();
  for (const area of areas) {
    reachByStart.set(area[start], Math.max(reachByStart.get(area[start]) ?? 0, area[end]));
  }
  const groupByStart = new Map<number, Area[]>();
  const groups: Area[][] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (const [from, to] of [...reachByStart].sort((a, b) => a[0] - b[0])) {
    const group = from > reach ? [] : (groups.at(-1) ?? []);
    if (from > reach) groups.push(group);
    groupByStart.set(from, group);
    reach = Math.max(reach, to);
  }
  if (groups.length <= 1) return [areas];
  for (const area of areas) groupByStart.get(area[start])?.push(area);
  return groups;
}

function isDense(areas: readonly Area[]): boolean {
  const { row, column, rowEnd, columnEnd } = toIsland(areas);
  const places = (rowEnd - row) * (columnEnd - column);
  return places <= Math.max(SMALL_PLACES, MAX_PLACES_PER_CELL * areas.length);
}

/** Cells that touch within one row. A merged area over several rows stands alone. */
function runsOf(areas: readonly Area[]): Area[][] {
  const runs: Area[][] = [];
  let last: Area | undefined;
  for (const area of areas) {
    const isTall = area.rowEnd - area.row > 1;
    if (last && !isTall && last.row === area.row && last.columnEnd === area.column) runs.at(-1)?.push(area);
    else runs.push([area]);
    last = isTall ? undefined : area;
  }
  return runs;
}

function toIsland(areas: readonly Area[]): Island {
  const range = { row: Number.MAX_SAFE_INTEGER, column: Number.MAX_SAFE_INTEGER, rowEnd: 0, columnEnd: 0 };
  for (const area of areas) {
    range.row = Math.min(range.row, area.row);
    range.column = Math.min(range.column, area.column);
    range.rowEnd = Math.max(range.rowEnd, area.rowEnd);
    range.columnEnd = Math.max(range.columnEnd, area.columnEnd);
  }
  return { ...range, areas };
}
