import type { Token } from "micromark-util-types";
import type { Table } from "../schema.ts";
import type { TextBlock } from "../text/decoded-text.ts";
import { stripMarkers } from "../text/low-marker.ts";
import { MappedText } from "../text/mapped-text.ts";
import type { SourceRange } from "./inline.ts";

/** The token of a table. The alignment of its columns is not in micromark's own list of fields. */
export type TableToken = Token & { _align?: Table["columnAlign"] };

/** Short rows are padded; beyond this many cells a grid may hold at most four times what was written. */
const MAX_PADDED_CELLS = 10_000;

/** Collects the cells of one table. Its text is one line per row, cells parted by a tab; the first row is the header. */
export class MarkdownTable {
  readonly #source: string;
  readonly #rows: { start: number; content: MappedText }[][] = [];
  readonly #align: NonNullable<Table["columnAlign"]>;

  /** `align`: of its columns, as its second line says. */
  constructor(source: string, align: NonNullable<Table["columnAlign"]>) {
    this.#source = source;
    this.#align = align;
  }

  startRow(): void {
    this.#rows.push([]);
  }

  /** Starts the next cell of the row; what is appended to the answer becomes its text. */
  startCell(start: number): MappedText {
    const content = new MappedText(this.#source);
    this.#rows.at(-1)?.push({ start, content });
    return content;
  }

  /** Code in a cell stands as it is but for its pipes: a row is cut into cells first, so they are escaped even there. */
  appendVerbatim(cell: MappedText, { start, end }: SourceRange): void {
    let from = start;
    for (const { index } of this.#source.slice(start, end).matchAll(/\\\|/g)) {
      cell.append(from, start + index);
      from = start + index + 2;
      cell.appendAs("|", from - 2, from);
    }
    cell.append(from, end);
  }

  /** The table as a block. Without a grid, only text, where short rows under a wide header would make too many cells. */
  toBlock(): TextBlock {
    const content = new MappedText(this.#source);
    const cells: Table["cells"] = [];
    const rows = this.#rows.length;
    const cols = widest(this.#rows);
    const written = this.#rows.reduce((sum, row) => sum + row.length, 0);
    const hasGrid = rows * cols <= Math.max(MAX_PADDED_CELLS, 4 * written);
    let low = false;
    for (const [r, row] of this.#rows.entries()) {
      if (r > 0) content.appendAs("\n", row[0]?.start ?? 0, row[0]?.start ?? 0);
      for (const [c, cell] of row.entries()) {
        if (c > 0) content.appendAs("\t", cell.start, cell.start);
        const unmarked = stripMarkers(cell.content.trim());
        low ||= unmarked.low;
        const start = content.text.length;
        content.concat(unmarked.content);
        if (hasGrid) cells.push({ r, c, rs: 1, cs: 1, header: r === 0, span: [start, content.text.length] });
      }
      for (let c = row.length; hasGrid && c < cols; c += 1) {
        const end = content.text.length;
        cells.push({ r, c, rs: 1, cs: 1, header: r === 0, span: [end, end] });
      }
    }
    const block: TextBlock = { type: "table", content, reasons: low ? ["low_marker"] : [] };
    if (hasGrid) block.table = { rows, cols, cells, ...this.#alignField(cols) };
    return block;
  }

  #alignField(cols: number): Pick<Table, "columnAlign"> {
    if (this.#align.every((align) => align === "none")) return {};
    return { columnAlign: Array.from({ length: cols }, (_, c) => this.#align[c] ?? "none") };
  }
}

function widest(rows: readonly (readonly unknown[])[]): number {
  return rows.reduce((most, row) => Math.max(most, row.length), 0);
}
