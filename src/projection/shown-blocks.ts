import type { Block, DocIR, Table } from "../document/schema.ts";
import type { Span } from "./raw-lines.ts";
import { overlaps, type Part, partsOf } from "./segments.ts";
import { windowOf } from "./step-window.ts";

/** A block as a page can show it: no longer than a screen can take, with one span marked. */
export type ShownBlock = Readonly<{
  block: Block;
  parts: readonly Part[];
  /** Of a table its cells, row by row; null for everything else. */
  table: ShownTable | null;
}>;

export type ShownTable = Readonly<{
  rows: readonly (readonly ShownCell[])[];
  /** Rows above and below that are left out. */
  before: number;
  after: number;
}>;

export type ShownCell = Readonly<{ cell: Table["cells"][number]; parts: readonly Part[] }>;

export const ROWS_PER_TABLE = 200;

/** A longer block is data: the JSON has it whole. */
const MAX_BLOCK_UNITS = 12_000;

/** What a whole page may hold, however the blocks are; a block or cell of its own takes room for its markup as well. */
const MAX_PAGE_UNITS = 200_000;
const MARKUP_UNITS = 50;

/** @param mark UTF-16 offsets into `text`, half-open; what it touches is shown, however full the page is */
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
  return blocks.map((block) =>
    block.table === undefined
      ? { block, parts: show(block.span), table: null }
      : { block, parts: [], table: showTable(block.table) },
  );

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
