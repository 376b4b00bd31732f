import type { Block, DocIR, Table } from "../document/schema.ts";
import { sourcePlaceOf } from "./source-place.ts";
import { windowOf } from "./step-window.ts";
import { overlaps, type Part, partsOf, type Span } from "./text-parts.ts";

/** A block as a page shows it: cut where it is long, with one span marked. */
export type ShownBlock = Readonly<{
  block: Block;
  parts: readonly Part[];
  /** The rows of a table; null for any other block. */
  table: ShownTable | null;
  /** Where the block lies in a source that has pages, sheets or parts; null in plain bytes. */
  source: string | null;
}>;

export type ShownTable = Readonly<{
  rows: readonly (readonly ShownCell[])[];
  /** How many rows above are left out. */
  before: number;
  /** How many rows below are left out. */
  after: number;
}>;

export type ShownCell = Readonly<{ cell: Table["cells"][number]; parts: readonly Part[] }>;

export const ROWS_PER_TABLE = 200;

/** Longer blocks are cut; the JSON has them whole. */
const MAX_BLOCK_UNITS = 12_000;

/** The most text on one page, in UTF-16 units. Each block and each cell counts its markup as well. */
const MAX_PAGE_UNITS = 200_000;
const MARKUP_UNITS = 50;

/** @param mark offsets into `text`; a block that it touches is shown even when the page is full */
export function shownBlocksOf(
  { text }: Pick<DocIR, "text">,
  blocks: readonly Block[],
  mark: Span | null,
): readonly ShownBlock[] {
  let room = MAX_PAGE_UNITS;
  const show = (span: Span): readonly Part[] => {
    const isMarked = overlaps(span, mark);
    const parts = partsOf(text, span, isMarked ? mark : null, room > 0 || isMarked ? MAX_BLOCK_UNITS : 0);
    room -= parts.reduce((used, part) => used + (part.kind === "cut" ? 0 : part.text.length), MARKUP_UNITS);
    return parts;
  };
  return blocks.map((block) => {
    const source = sourcePlaceOf(block.src);
    return block.table === undefined
      ? { block, parts: show(block.span), table: null, source }
      : { block, parts: [], table: showTable(block.table), source };
  });

  function showTable({ rows: total, cells }: Table): ShownTable {
    const marked = cells.find(({ span }) => overlaps(span, mark))?.r ?? null;
    const window = windowOf(total, marked ?? 0, ROWS_PER_TABLE);
    const byRow = Map.groupBy(cells, ({ r }) => r);
    const rows: ShownCell[][] = [];
    for (let row = window.from; row < window.to && (room > 0 || row <= (marked ?? 0)); row += 1) {
      rows.push((byRow.get(row) ?? []).map((cell) => ({ cell, parts: show(cell.span) })));
    }
    return { rows, before: window.from, after: total - window.from - rows.length };
  }
}
