import { Failure } from "../../failure.ts";
import { libs } from "../libs.ts";
import type { Reader } from "../reader.ts";
import type { Table } from "../schema.ts";
import { readDecodedText, type TextBlock, type TextBlocks } from "../text/decoded-text.ts";
import { MappedText } from "../text/mapped-text.ts";
import { findDelimiter } from "./delimiter.ts";
import { isHeaderRow } from "./header.ts";
import { countPreambleRows } from "./preamble.ts";
import { type Field, type Row, rowsOf } from "./rows.ts";

/** The artifact of a larger table would exceed the longest string that V8 can hold. */
const MAX_CELLS = 2_000_000;

/** Short rows are padded; beyond this many cells a grid may hold at most four times what was written. */
const MAX_PADDED_CELLS = 10_000;

/**
 * Delimited text as one table. Its text is the source with its delimiters and quotes, so almost all of it is one exact run; the
 * spans of cells leave the quotes out. Lines before the table are paragraphs.
 * Throws Failure("payload_too_large", { limit_cells }) for more cells than are read.
 */
export const csvReader: Reader = {
  recipe: {
    name: "jejakekal.csv",
    version: "2",
    params: { delimiters: "tab ; | ,", header: "distinct names" },
    libs: libs("iconv-lite"),
  },
  read: (input) =>
    readDecodedText(
      input,
      (source) => readTable(source, input.mediaType, input.earlierVersion === undefined),
      { locateRuns: true },
    ),
};

/** `isLenient`: lines before the table are paragraphs, and blanks may stand around quotes. */
function readTable(source: string, mediaType: string, isLenient: boolean): TextBlocks {
  const { delimiter, start } = findDelimiter(source, mediaType, isLenient);
  const blocks: TextBlock[] = [];
  let preamble = isLenient ? countPreambleRows(source, delimiter, start) : 0;
  const builder = new TableBuilder(source);
  for (const row of rowsOf(source, delimiter, { start, allowsBlanks: isLenient })) {
    if (preamble > 0) {
      const content = new MappedText(source);
      content.append(row.start, row.end);
      if (!content.isBlank) blocks.push({ type: "paragraph", content: content.trim(), reasons: [] });
      preamble -= 1;
    } else builder.addRow(row);
  }
  const block = builder.toBlock();
  const isWhole = block === null || block.table !== undefined;
  const warnings = isWhole ? [] : [{ code: "table_too_sparse", block: blocks.length }];
  return { blocks: block === null ? blocks : [...blocks, block], warnings, delimiter };
}

class TableBuilder {
  readonly #source: string;
  readonly #content: MappedText;
  readonly #rows: [start: number, end: number][][] = [];
  #cells = 0;
  #cols = 0;
  /** The source before this offset is in the content, or left out of it. */
  #taken: number | undefined;

  constructor(source: string) {
    this.#source = source;
    this.#content = new MappedText(source);
  }

  addRow({ start, end, fields }: Row): void {
    this.#cells += fields.length;
    if (this.#cells > MAX_CELLS) throw new Failure("payload_too_large", { limit_cells: MAX_CELLS });
    this.#beginRow(start);
    this.#cols = Math.max(this.#cols, fields.length);
    this.#rows.push(fields.map((field) => this.#place(field)));
    this.#end = end;
  }

  /** Where the last row ends in the source. */
  #end = 0;

  toBlock(): TextBlock | null {
    if (this.#taken === undefined) return null;
    this.#content.append(this.#taken, this.#end);
    const content = this.#content;
    if (content.isBlank) return null;
    const isSparse = this.#rows.length * this.#cols > Math.max(MAX_PADDED_CELLS, 4 * this.#cells);
    return { type: "table", content, reasons: [], ...(isSparse ? {} : { table: this.#toTable() }) };
  }

  /** Rows are one line each, whatever ends them in the source. */
  #beginRow(start: number): void {
    this.#taken ??= start;
    if (this.#rows.length === 0 || this.#source.slice(this.#end, start) === "\n") return;
    this.#content.append(this.#taken, this.#end);
    this.#content.appendAs("\n", this.#end, start);
    this.#taken = start;
  }

  /** The span of a field in the text. */
  #place({ start, end, hasEscapes }: Field): [number, number] {
    const from = this.#offsetOf(start);
    if (hasEscapes) {
      for (
        let at = this.#source.indexOf('""', start);
        at >= 0 && at < end;
        at = this.#source.indexOf('""', at + 2)
      ) {
        this.#content.append(this.#taken ?? 0, at);
        this.#content.appendAs('"', at, at + 2);
        this.#taken = at + 2;
      }
    }
    return [from, this.#offsetOf(end)];
  }

  #offsetOf(at: number): number {
    return this.#content.text.length + at - (this.#taken ?? 0);
  }

  #toTable(): Table {
    const cells: Table["cells"] = [];
    const hasHeader = this.#hasHeader();
    for (const [r, row] of this.#rows.entries()) {
      const header = hasHeader && r === 0;
      const end = row.at(-1)?.[1] ?? 0;
      for (let c = 0; c < this.#cols; c += 1)
        cells.push({ r, c, rs: 1, cs: 1, header, span: row[c] ?? [end, end] });
    }
    return { rows: this.#rows.length, cols: this.#cols, cells };
  }

  #hasHeader(): boolean {
    const { text } = this.#content;
    const valuesOf = (row: readonly [number, number][]) => row.map((span) => text.slice(...span));
    const [first, ...below] = this.#rows.slice(0, 200).map(valuesOf);
    return first !== undefined && first.length === this.#cols && isHeaderRow(first, below);
  }
}
