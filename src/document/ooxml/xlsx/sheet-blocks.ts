import { RunFailure } from "../../../failure.ts";
import type { SourceAnchor } from "../../schema.ts";
import { type Draft, type LinkedText, linksField, NO_TEXT } from "../drafts.ts";
import { type GridCell, layOutGrid } from "../grid.ts";
import { LIMITS } from "../limits.ts";
import { formatRange, formatReference } from "./cell-reference.ts";
import { type Area, findIslands, type Island } from "./islands.ts";
import type { Cell, Sheet } from "./read-sheet.ts";
import type { SheetEntry } from "./workbook.ts";

export type SheetBlocks = Readonly<{
  drafts: Draft[];
  /** The block that holds a cell, or the heading of the sheet. */
  findDraft: (reference: string) => Draft | undefined;
}>;

/** Counts the places of tables. The function throws RunFailure FAILED_TOO_LARGE beyond the limit. */
export function createPlaceCounter(): (places: number) => void {
  let count = 0;
  return (places) => {
    count += places;
    if (count > LIMITS.places) throw new RunFailure("FAILED_TOO_LARGE");
  };
}

/**
 * The blocks of a sheet: its name as a heading, then a table for each island of cells and a paragraph for each cell that
 * stands alone. Nothing for a sheet without cells. `targetOf` is where a cell links to.
 */
export function createSheetBlocks(
  { name, isHidden, anchor }: SheetEntry,
  sheet: Sheet,
  targetOf: (cell: Cell) => string,
  countPlaces: (places: number) => void,
): SheetBlocks {
  if (sheet.cells.length === 0) return { drafts: [], findDraft: () => undefined };
  const role = isHidden ? ({ role: "hidden" } as const) : {};
  const heading: Draft = {
    type: "heading",
    level: 1,
    ...role,
    text: name.trim() || "?",
    src: [anchor],
    reasons: [],
  };
  const context = { sheet: name, isHidden, targetOf };
  const placed = findIslands(mergeAreas(sheet)).map((island) => {
    countPlaces((island.rowEnd - island.row) * (island.columnEnd - island.column));
    return { island, draft: { ...toDraft(island, context), ...role, parent: heading } };
  });
  let byReference: Map<string, Draft> | undefined;
  return {
    drafts: [heading, ...placed.map(({ draft }) => draft)],
    findDraft: (reference) => {
      byReference ??= new Map(
        placed.flatMap(({ island, draft }) => island.areas.map((area) => [formatReference(area), draft])),
      );
      return byReference.get(reference) ?? heading;
    },
  };
}

/** Each cell with what is merged into it. */
function mergeAreas({ cells, merges }: Sheet): Area[] {
  const byStart = new Map(merges.map((range) => [formatReference(range), range]));
  return cells.map((cell) => {
    const { row, column } = cell;
    const range = byStart.size === 0 ? undefined : byStart.get(formatReference(cell));
    return { row, column, rowEnd: range?.rowEnd ?? row + 1, columnEnd: range?.columnEnd ?? column + 1, cell };
  });
}

/** The areas of a table without cells that lie under a merged area; areas that overlap shrink to their first cell. */
function withoutOverlaps({ row, column, rowEnd, columnEnd, areas }: Island): readonly Area[] {
  if (areas.every((area) => area.rowEnd - area.row === 1 && area.columnEnd - area.column === 1)) return areas;
  const width = columnEnd - column;
  const taken = new Uint8Array((rowEnd - row) * width);
  const start = (at: number, area: Area) => (at - row) * width + area.column - column;
  const isFree = (area: Area) => {
    for (let at = area.row; at < area.rowEnd; at += 1) {
      if (taken.subarray(start(at, area), start(at, area) + area.columnEnd - area.column).includes(1))
        return false;
    }
    return true;
  };
  const kept: Area[] = [];
  for (const area of areas) {
    const fitting = isFree(area) ? area : { ...area, rowEnd: area.row + 1, columnEnd: area.column + 1 };
    if (fitting !== area && !isFree(fitting)) continue;
    for (let at = fitting.row; at < fitting.rowEnd; at += 1) {
      taken.fill(1, start(at, fitting), start(at, fitting) + fitting.columnEnd - fitting.column);
    }
    kept.push(fitting);
  }
  return kept;
}

type BlockContext = Readonly<{ sheet: string; isHidden: boolean; targetOf: (cell: Cell) => string }>;

function toDraft(island: Island, context: BlockContext): Draft {
  const [only] = island.areas;
  if (only && island.areas.length === 1) {
    const { text, links } = textOf(only.cell, context);
    return { type: "paragraph", text, ...linksField(links), src: [cellAnchor(only, context)], reasons: [] };
  }
  const hasHeader = startsWithHeader(island);
  const cells = withoutOverlaps(island).map(
    (area): GridCell => ({
      r: area.row - island.row,
      c: area.column - island.column,
      rs: area.rowEnd - area.row,
      cs: area.columnEnd - area.column,
      header: hasHeader && area.row === island.row,
      content: textOf(area.cell, context),
      src: [cellAnchor(area, context)],
    }),
  );
  const { text, links, table } = layOutGrid(
    island.rowEnd - island.row,
    island.columnEnd - island.column,
    cells,
  );
  const src: SourceAnchor = {
    k: "cell",
    sheet: context.sheet,
    ref: formatRange(island),
    ...hiddenField(context),
  };
  return { type: "table", text, ...linksField(links), src: [src], reasons: [], ...(table ? { table } : {}) };
}

/** Words above numbers name their columns. */
function startsWithHeader({ row, rowEnd, areas }: Island): boolean {
  if (rowEnd - row < 2) return false;
  const first = areas.filter((area) => area.row === row);
  return first.every(({ cell }) => !cell.isNumber) && areas.some(({ cell }) => cell.isNumber);
}

function textOf(cell: Cell, { targetOf }: BlockContext): LinkedText {
  const text = cell.text.trim();
  const target = targetOf(cell);
  return { text, links: target === "" ? NO_TEXT.links : [{ kind: "link", span: [0, text.length], target }] };
}

function cellAnchor(area: Area, { sheet, isHidden }: BlockContext): SourceAnchor {
  const { value, formula, format } = area.cell;
  const anchor: Extract<SourceAnchor, { k: "cell" }> = { k: "cell", sheet, ref: formatReference(area) };
  if (value !== undefined) anchor.value = value;
  if (formula !== undefined) anchor.formula = formula;
  if (format !== undefined) anchor.format = format;
  if (isHidden) anchor.hidden = true;
  return anchor;
}

function hiddenField({ isHidden }: BlockContext): { hidden?: true } {
  return isHidden ? { hidden: true } : {};
}
