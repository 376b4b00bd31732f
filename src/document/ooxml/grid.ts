import type { SourceAnchor, Table } from "../schema.ts";
import { type LinkedText, NO_TEXT } from "./drafts.ts";

/** A cell before its text has a place in a block. */
export type GridCell = Readonly<{
  r: number;
  c: number;
  rs: number;
  cs: number;
  header: boolean;
  content: LinkedText;
  src: SourceAnchor[];
}>;

/** Free places of a grid are filled; beyond this many cells it may hold at most four times what was written. */
const MAX_FILLED_CELLS = 10_000;

/**
 * The text of a table and its grid: cells parted by a tab, rows by a newline, and places that no cell covers filled with
 * empty cells. `cells` are in reading order and do not overlap. Without a grid where it would be mostly filling.
 */
export function layOutGrid(
  rows: number,
  cols: number,
  cells: readonly GridCell[],
): LinkedText & { table?: Table } {
  const hasGrid = rows * cols <= Math.max(MAX_FILLED_CELLS, 4 * cells.length);
  const all = hasGrid ? fillGrid(rows, cols, cells) : cells;
  const parts: string[] = [];
  const links: LinkedText["links"][number][] = [];
  const placed: Table["cells"] = [];
  let length = 0;
  let row = 0;
  const append = (text: string) => {
    parts.push(text);
    length += text.length;
  };
  for (const { r, c, rs, cs, header, content, src } of all) {
    if (placed.length > 0) append(r > row ? "\n" : "\t");
    row = r;
    const start = length;
    for (const link of content.links) {
      links.push({ ...link, span: [link.span[0] + start, link.span[1] + start] });
    }
    append(content.text);
    const cell: Table["cells"][number] = { r, c, rs, cs, header, span: [start, length] };
    if (src.length > 0) cell.src = src;
    placed.push(cell);
  }
  return { text: parts.join(""), links, ...(hasGrid ? { table: { rows, cols, cells: placed } } : {}) };
}

function fillGrid(rows: number, cols: number, cells: readonly GridCell[]): readonly GridCell[] {
  const covered = cells.reduce((sum, { rs, cs }) => sum + rs * cs, 0);
  if (covered === rows * cols) return cells;
  const taken = new Uint8Array(rows * cols);
  for (const { r, c, rs, cs } of cells) {
    for (let row = r; row < r + rs; row += 1) taken.fill(1, row * cols + c, row * cols + c + cs);
  }
  const all: GridCell[] = [];
  let next = 0;
  for (let place = 0; place < taken.length; place += 1) {
    const [r, c] = [Math.floor(place / cols), place % cols];
    const cell = cells[next];
    if (cell && cell.r === r && cell.c === c) {
      all.push(cell);
      next += 1;
    } else if (taken[place] === 0) {
      all.push({
        r,
        c,
        rs: 1,
        cs: 1,
        header: cells[0]?.r === r && cells[0].header,
        content: NO_TEXT,
        src: [],
      });
    }
  }
  return all;
}
