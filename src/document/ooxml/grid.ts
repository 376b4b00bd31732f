import { moveMarks } from "../marks.ts";
import type { SourceAnchor, Table } from "../schema.ts";
import type { DraftMark, LinkedText } from "./drafts.ts";

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
  const layout = new GridLayout(rows, cols, cells.length);
  for (const cell of cells) layout.add(cell);
  return layout.finish();
}

/** As `layOutGrid`, for cells that come one after the other, so that a large table needs no list of them. */
export class GridLayout {
  readonly #rows: number;
  readonly #cols: number;
  readonly #hasGrid: boolean;
  /** The places that a cell covers which is not in their row. */
  #covered: Uint8Array | undefined;
  readonly #parts: string[] = [];
  readonly #links: LinkedText["links"][number][] = [];
  readonly #marks: DraftMark[] = [];
  readonly #placed: Table["cells"] = [];
  #length = 0;
  #row = 0;
  /** Places before this one have their cell. */
  #next = 0;
  /** The row of the first cell, if that is a header. */
  #headerRow: number | undefined;

  /** `count` is how many cells will come. */
  constructor(rows: number, cols: number, count: number) {
    this.#rows = rows;
    this.#cols = cols;
    this.#hasGrid = rows * cols <= Math.max(MAX_FILLED_CELLS, 4 * count);
  }

  add(cell: GridCell): void {
    const { r, c, rs, cs, header, content, src } = cell;
    if (this.#placed.length === 0 && header) this.#headerRow = r;
    if (this.#hasGrid) this.#fillBefore(r * this.#cols + c);
    const span = this.#append(r, content.text);
    for (const link of moveMarks(content.links, span[0])) this.#links.push(link);
    for (const mark of moveMarks(content.marks ?? [], span[0])) this.#marks.push(mark);
    this.#placed.push(src.length > 0 ? { r, c, rs, cs, header, span, src } : { r, c, rs, cs, header, span });
    this.#next = r * this.#cols + c + cs;
    if (rs > 1 && this.#hasGrid) this.#cover(cell);
  }

  finish(): LinkedText & { table?: Table } {
    if (this.#hasGrid) this.#fillBefore(this.#rows * this.#cols);
    const table = { rows: this.#rows, cols: this.#cols, cells: this.#placed };
    return {
      text: this.#parts.join(""),
      links: this.#links,
      marks: this.#marks,
      ...(this.#hasGrid ? { table } : {}),
    };
  }

  /** The span of a text behind what is there. */
  #append(row: number, text: string): [number, number] {
    if (this.#placed.length > 0) {
      this.#parts.push(row > this.#row ? "\n" : "\t");
      this.#length += 1;
    }
    this.#row = row;
    this.#parts.push(text);
    this.#length += text.length;
    return [this.#length - text.length, this.#length];
  }

  #fillBefore(end: number): void {
    for (; this.#next < end; this.#next += 1) {
      if (this.#covered?.[this.#next] === 1) continue;
      const r = Math.floor(this.#next / this.#cols);
      const c = this.#next % this.#cols;
      this.#placed.push({ r, c, rs: 1, cs: 1, header: r === this.#headerRow, span: this.#append(r, "") });
    }
  }

  #cover({ r, c, rs, cs }: GridCell): void {
    this.#covered ??= new Uint8Array(this.#rows * this.#cols);
    for (let row = r + 1; row < r + rs; row += 1) {
      this.#covered.fill(1, row * this.#cols + c, row * this.#cols + c + cs);
    }
  }
}
