import { isHeaderRow } from "../csv/header.ts";
import { type GridCell, layOutGrid } from "../ooxml/grid.ts";
import type { ParsedBlock } from "../reader.ts";
import { joinLines, type Words } from "./join-lines.ts";
import { createLine, isOnLine } from "./lines.ts";
import { type Box, enclose, type Fragment } from "./page-content.ts";

export type TableCell = Readonly<{
  r: number;
  c: number;
  rs: number;
  cs: number;
  fragments: readonly Fragment[];
}>;

/** A table as it lies on a page. Its cells are in reading order and do not overlap. */
export type PageTable = Readonly<{
  page: number;
  box: Box;
  rows: number;
  cols: number;
  cells: readonly TableCell[];
  /** Its columns may be others. */
  isDoubtful: boolean;
}>;

/** The block of a table: each cell has its place on the page. */
export function tableBlock({ page, rows, cols, cells, isDoubtful }: PageTable): ParsedBlock {
  const header = headerRowsOf(rows, cols, cells);
  const grid = layOutGrid(
    rows,
    cols,
    cells.map(({ fragments, ...place }): GridCell => {
      const box = enclose(fragments.map((fragment) => fragment.box));
      return {
        ...place,
        header: place.r < header,
        content: { text: textOfCell(page, fragments), links: [] },
        src: fragments.length === 0 ? [] : [{ k: "pdf", page, bbox: box }],
      };
    }),
  );
  const placed = grid.table?.cells ?? [];
  return {
    type: "table",
    text: grid.text,
    src: [
      { k: "pdf", page, bbox: enclose(cells.flatMap(({ fragments }) => fragments.map(({ box }) => box))) },
    ],
    boxes: placed
      .flatMap(({ span, src }) => {
        const [anchor] = src ?? [];
        return anchor?.k === "pdf" ? [[span[0], span[1] - span[0], anchor.page, anchor.bbox] as const] : [];
      })
      .map(([at, length, n, box]) => [at, length, n, box]),
    ...(grid.table === undefined ? {} : { table: grid.table }),
    reasons: isDoubtful ? ["ambiguous_columns"] : [],
  };
}

function textOfCell(page: number, fragments: readonly Fragment[]): string {
  const lines = baselinesOf(fragments).map((line) => createLine(page, line));
  return joinLines(lines, NO_WORDS).text;
}

const NO_WORDS: Words = new Set();

/** Fragments by the line that they stand on, from top to bottom. */
export function baselinesOf(fragments: readonly Fragment[]): Fragment[][] {
  const sorted = [...fragments].sort((a, b) => b.size - a.size || a.baseline - b.baseline);
  const lines: Fragment[][] = [];
  for (const fragment of sorted) {
    const line = lines.find(([first]) => first !== undefined && isOnLine(first, fragment));
    if (line) line.push(fragment);
    else lines.push([fragment]);
  }
  return lines.sort((a, b) => (a[0]?.baseline ?? 0) - (b[0]?.baseline ?? 0));
}

function headerRowsOf(rows: number, cols: number, cells: readonly TableCell[]): number {
  const byRow = Map.groupBy(cells, ({ r }) => r);
  const isBold = (r: number) => {
    const row = (byRow.get(r) ?? []).flatMap(({ fragments }) => fragments);
    return row.length > 0 && row.every(({ style }) => style.bold);
  };
  let bold = 0;
  while (bold < rows && isBold(bold)) bold += 1;
  if (bold > 0) return bold < rows ? bold : 0;
  const textOf = (r: number) => {
    const texts = Array.from({ length: cols }, () => "");
    for (const { c, fragments } of byRow.get(r) ?? []) texts[c] ||= textOfCell(0, fragments);
    return texts;
  };
  const below = Array.from({ length: Math.min(rows - 1, 20) }, (_, r) => textOf(r + 1));
  return isHeaderRow(textOf(0), below) ? 1 : 0;
}
