import { RunFailure } from "../../../failure.ts";
import type { SourceAnchor } from "../../schema.ts";
import { type Draft, inlineFields, type LinkedText, NO_TEXT } from "../drafts.ts";
import { GridLayout } from "../grid.ts";
import { LIMITS } from "../limits.ts";
import { formatRange, formatReference } from "./cell-reference.ts";
import { findIslands, type Island } from "./islands.ts";
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
 * stands alone. Nothing for a sheet without cells. `targetOf` is where a cell links to. The cells are taken out of the sheet: a million of
 * them take as much memory as the blocks do. Only `isSearched` tells of each which block has it.
 */
export function createSheetBlocks(
  { name, isHidden, anchor }: SheetEntry,
  sheet: Sheet,
  targetOf: (cell: Cell) => string,
  { countPlaces, isSearched }: Readonly<{ countPlaces: (places: number) => void; isSearched: boolean }>,
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
  const islands = findIslands(sheet.cells);
  if (islands.every(({ cells }) => cells !== sheet.cells)) sheet.cells.length = 0;
  const byReference = new Map<string, Draft>();
  const drafts = islands.map((island) => {
    countPlaces((island.rowEnd - island.row) * (island.columnEnd - island.column));
    const references = isSearched ? island.cells.map(formatReference) : [];
    const draft: Draft = { ...toDraft(island, context), ...role, parent: heading };
    for (const reference of references) byReference.set(reference, draft);
    return draft;
  });
  return {
    drafts: [heading, ...drafts],
    findDraft: (reference) => byReference.get(reference) ?? heading,
  };
}

/** The cells of a table without those that lie under a merged one; merged cells that overlap shrink to their first. */
function withoutOverlaps({ row, column, rowEnd, columnEnd, cells }: Island): Cell[] {
  if (cells.every((cell) => cell.rowEnd - cell.row === 1 && cell.columnEnd - cell.column === 1)) return cells;
  const width = columnEnd - column;
  const taken = new Uint8Array((rowEnd - row) * width);
  const start = (at: number, cell: Cell) => (at - row) * width + cell.column - column;
  const isFree = (cell: Cell) => {
    for (let at = cell.row; at < cell.rowEnd; at += 1) {
      if (taken.subarray(start(at, cell), start(at, cell) + cell.columnEnd - cell.column).includes(1))
        return false;
    }
    return true;
  };
  const kept: Cell[] = [];
  for (const cell of cells) {
    const fitting = isFree(cell) ? cell : { ...cell, rowEnd: cell.row + 1, columnEnd: cell.column + 1 };
    if (fitting !== cell && !isFree(fitting)) continue;
    for (let at = fitting.row; at < fitting.rowEnd; at += 1) {
      taken.fill(1, start(at, fitting), start(at, fitting) + fitting.columnEnd - fitting.column);
    }
    kept.push(fitting);
  }
  return kept;
}

type BlockContext = Readonly<{ sheet: string; isHidden: boolean; targetOf: (cell: Cell) => string }>;

/** Takes the cells out of the island. */
function toDraft(island: Island, context: BlockContext): Draft {
  const [only] = island.cells;
  if (only && island.cells.length === 1) {
    const { text, links } = textOf(only, context);
    return {
      type: "paragraph",
      text,
      ...inlineFields({ links }),
      src: [cellAnchor(only, context)],
      reasons: [],
    };
  }
  const hasHeader = startsWithHeader(island);
  const cells = withoutOverlaps(island);
  const layout = new GridLayout(island.rowEnd - island.row, island.columnEnd - island.column, cells.length);
  for (const cell of takeEach(cells)) {
    layout.add({
      r: cell.row - island.row,
      c: cell.column - island.column,
      rs: cell.rowEnd - cell.row,
      cs: cell.columnEnd - cell.column,
      header: hasHeader && cell.row === island.row,
      content: textOf(cell, context),
      src: [cellAnchor(cell, context)],
    });
  }
  const { text, links, table } = layout.finish();
  const src: SourceAnchor = {
    k: "cell",
    sheet: context.sheet,
    ref: formatRange(island),
    ...hiddenField(context),
  };
  return {
    type: "table",
    text,
    ...inlineFields({ links }),
    src: [src],
    reasons: [],
    ...(table ? { table } : {}),
  };
}

/** Each item in order, which is then in the list no more. */
function* takeEach<Item>(items: Item[]): Generator<Item> {
  items.reverse();
  for (let item = items.pop(); item !== undefined; item = items.pop()) yield item;
}

/** Words above numbers name their columns. */
function startsWithHeader({ row, rowEnd, cells }: Island): boolean {
  if (rowEnd - row < 2) return false;
  const first = cells.filter((cell) => cell.row === row);
  return first.every(({ isNumber }) => !isNumber) && cells.some(({ isNumber }) => isNumber);
}

function textOf(cell: Cell, { targetOf }: BlockContext): LinkedText {
  const { text } = cell;
  const target = targetOf(cell);
  return { text, links: target === "" ? NO_TEXT.links : [{ kind: "link", span: [0, text.length], target }] };
}

/** Most cells have only some of the fields. An object that gets a field later takes more memory than one made with it. */
function cellAnchor(cell: Cell, context: BlockContext): SourceAnchor {
  const { value, formula, format } = cell;
  const { sheet } = context;
  const ref = formatReference(cell);
  if (formula !== undefined || context.isHidden || (value !== undefined && format === undefined)) {
    return {
      k: "cell",
      sheet,
      ref,
      ...(value === undefined ? {} : { value }),
      ...(formula === undefined ? {} : { formula }),
      ...(format === undefined ? {} : { format }),
      ...hiddenField(context),
    };
  }
  if (value !== undefined && format !== undefined) return { k: "cell", sheet, ref, value, format };
  return format === undefined ? { k: "cell", sheet, ref } : { k: "cell", sheet, ref, format };
}

function hiddenField({ isHidden }: BlockContext): { hidden?: true } {
  return isHidden ? { hidden: true } : {};
}
