import { marksField } from "../marks.ts";
import type { ParsedMark } from "../reader.ts";
import type { Link, Table } from "../schema.ts";
import type { TextBlock } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";
import type { InlineText } from "./inline-text.ts";

/** Short rows are padded; beyond this many cells a grid may hold at most four times what was written. */
const MAX_PADDED_CELLS = 10_000;

/** Wider tables are text without a grid. */
const MAX_COLS = 16_384;

/** The most columns that one cell may span, as in browsers. */
const MAX_COLSPAN = 1_000;

type Cell = { text: InlineText; start: number; rs: number; cs: number; header: boolean };
type PlacedCell = Cell & { c: number };

/** Collects the cells of one table. Its text is one line per row, cells parted by a tab. */
export class HtmlTable {
  readonly #source: string;
  readonly #rows: Cell[][] = [];

  constructor(source: string) {
    this.#source = source;
  }

  startRow(): void {
    this.#rows.push([]);
  }

  /** `rowspan` 0 spans to the last row; `start` is where the cell begins in the source. */
  addCell(
    text: InlineText,
    given: { start: number; rowspan: number; colspan: number; header: boolean },
  ): void {
    const { start, rowspan, colspan, header } = given;
    const row = this.#rows.at(-1);
    row?.push({ text, start, header, rs: rowspan, cs: Math.min(Math.max(colspan, 1), MAX_COLSPAN) });
  }

  /** The table as a block. Without a grid, only text, where padding and spans would make too many cells. */
  toBlock(): TextBlock {
    const content = new MappedText(this.#source);
    const links: Link[] = [];
    const marks: ParsedMark[] = [];
    const cells: Table["cells"] = [];
    const grid = this.#place();
    for (const [r, row] of this.#rows.entries()) {
      if (r > 0) content.appendAs("\n", row[0]?.start ?? 0, row[0]?.start ?? 0);
      const spans = row.map((cell, index): [number, number] => {
        if (index > 0) content.appendAs("\t", cell.start, cell.start);
        const from = content.text.length;
        content.concat(cell.text.content);
        for (const { span, ...link } of cell.text.links)
          links.push({ ...link, span: [span[0] + from, span[1] + from] });
        // In place: a reference gets the block of its footnote later.
        for (const mark of cell.text.marks) {
          mark.span = [mark.span[0] + from, mark.span[1] + from];
          marks.push(mark);
        }
        return [from, content.text.length];
      });
      const end = content.text.length;
      const placed = grid?.rows[r] ?? [];
      for (const [index, { c, rs, cs, header }] of placed.entries())
        cells.push({ r, c, rs, cs, header, span: spans[index] ?? [end, end] });
      for (const c of grid?.gaps[r] ?? [])
        cells.push({ r, c, rs: 1, cs: 1, header: false, span: [end, end] });
    }
    cells.sort((a, b) => a.r - b.r || a.c - b.c);
    return {
      type: "table",
      content,
      reasons: [],
      ...(links.length === 0 ? {} : { links }),
      ...marksField(marks),
      ...(grid === null ? {} : { table: { rows: this.#rows.length, cols: grid.cols, cells } }),
    };
  }

  /** Gives cells their columns and keeps spans within the grid and apart from each other; null for too large a grid. */
  #place(): { rows: PlacedCell[][]; gaps: number[][]; cols: number } | null {
    const placed = this.#placeCells();
    if (placed === null) return null;
    const written = this.#rows.reduce((sum, row) => sum + row.length, 0);
    // Columns behind the last one in which a cell begins are only there because a span is too wide.
    const cols = 1 + placed.flat().reduce((last, { c }) => Math.max(last, c), -1);
    if (cols === 0 || this.#rows.length * cols > Math.max(MAX_PADDED_CELLS, 4 * written)) return null;
    const takenUntil = new Uint32Array(cols);
    const gaps: number[][] = [];
    for (const [r, row] of placed.entries()) {
      for (const cell of row) {
        cell.cs = Math.min(cell.cs, cols - cell.c);
        takenUntil.fill(r + cell.rs, cell.c, cell.c + cell.cs);
      }
      const free: number[] = [];
      for (let c = 0; c < cols; c += 1) if ((takenUntil[c] ?? 0) <= r) free.push(c);
      gaps.push(free);
    }
    return { rows: placed, gaps, cols };
  }

  #placeCells(): PlacedCell[][] | null {
    const takenUntil: number[] = [];
    const placed: PlacedCell[][] = [];
    for (const [r, row] of this.#rows.entries()) {
      let c = 0;
      const cells: PlacedCell[] = [];
      for (const cell of row) {
        while ((takenUntil[c] ?? 0) > r) c += 1;
        const rowsLeft = this.#rows.length - r;
        const rs = cell.rs === 0 ? rowsLeft : Math.min(cell.rs, rowsLeft);
        let cs = 0;
        while (cs < cell.cs && (takenUntil[c + cs] ?? 0) <= r) cs += 1;
        if (c + cs > MAX_COLS) return null;
        while (takenUntil.length < c) takenUntil.push(0);
        for (let at = c; at < c + cs; at += 1) takenUntil[at] = r + rs;
        cells.push({ ...cell, c, rs, cs });
        c += cs;
      }
      placed.push(cells);
    }
    return placed;
  }
}
