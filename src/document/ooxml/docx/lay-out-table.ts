import { joinTexts, type LinkedText } from "../drafts.ts";
import { type GridCell, layOutGrid } from "../grid.ts";
import type { Content, ContentCell, ContentTable, Paragraph } from "./content.ts";

type PlacedCell = { r: number; c: number; rs: number; cs: number; header: boolean; cell: ContentCell };

/** The text and grid of a table. Tables inside its cells are not part of it. */
export function layOutTable(table: ContentTable, anchor: { part: string; index: number }) {
  const rows = table.rows.filter(({ isDeleted }) => !isDeleted);
  const placed = placeCells(rows, table.hasFirstRow);
  const cols = placed.reduce((most, { c, cs }) => Math.max(most, c + cs), 0);
  const cells = placed.map(
    ({ cell, ...place }): GridCell => ({
      ...place,
      content: joinTexts(
        paragraphsOf(cell.content).map(({ shown }) => shown),
        "\n",
      ),
      src: [{ k: "ooxml", ...anchor, span: cell.span }],
    }),
  );
  return layOutGrid(rows.length, cols, cells);
}

/** The cells in reading order. One that continues the cell above it, in the same columns, makes that one taller. */
function placeCells(rows: readonly ContentTable["rows"][number][], hasFirstRow: boolean): PlacedCell[] {
  const placed: PlacedCell[] = [];
  /** The last cell of each column. */
  let above: (PlacedCell | undefined)[] = [];
  for (const [r, row] of rows.entries()) {
    const current: (PlacedCell | undefined)[] = [];
    let c = row.before;
    for (const cell of row.cells) {
      const upper = above[c];
      if (cell.isContinued && upper?.c === c && upper.cs === cell.columns && upper.r + upper.rs === r) {
        upper.rs += 1;
        for (let column = c; column < c + cell.columns; column += 1) current[column] = upper;
      } else {
        const own = { r, c, rs: 1, cs: cell.columns, header: row.isHeader || (r === 0 && hasFirstRow), cell };
        placed.push(own);
        for (let column = c; column < c + cell.columns; column += 1) current[column] = own;
      }
      c += cell.columns;
    }
    above = current;
  }
  return placed;
}

/** The paragraphs of a cell, those in its text boxes behind the paragraph that holds them. Inner tables are left out. */
export function paragraphsOf(content: readonly Content[]): Paragraph[] {
  return walk(content).filter((item) => item.kind === "paragraph");
}

/** The tables directly inside a cell or its text boxes. */
export function tablesOf(content: readonly Content[]): ContentTable[] {
  return walk(content).filter((item) => item.kind === "table");
}

/** Content in order, text boxes opened, tables not. */
function walk(content: readonly Content[]): Content[] {
  const found: Content[] = [];
  const waiting = [...content].reverse();
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    found.push(item);
    if (item.kind === "paragraph") waiting.push(...item.textBoxes.flat().reverse());
  }
  return found;
}

/** All the text of a note, a header or a comment: a line for each paragraph and each row. */
export function plainTextOf(content: readonly Content[]): LinkedText {
  return joinTexts(
    walk(content).map((item) =>
      item.kind === "paragraph" ? item.shown : layOutTable(item, { part: "", index: 0 }),
    ),
    "\n",
  );
}
