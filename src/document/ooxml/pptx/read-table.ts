import { joinTexts } from "../drafts.ts";
import type { GridCell } from "../grid.ts";
import type { XmlElement, XmlFrame } from "../xml.ts";
import { clampLevel, isOn } from "../xml-values.ts";
import { readTextBody, type SlideParagraph, type TextContext } from "./read-text.ts";

const MAX_SPAN = 1_000;

export type SlideCell = Omit<GridCell, "src"> & { readonly span: [number, number] };

export type SlideTable = Readonly<{ rows: number; cols: number; cells: readonly SlideCell[] }>;

/** Reads `a:tbl`. Cells that are merged into others are left out. */
export function readTable(context: TextContext, onEnd: (table: SlideTable) => void): XmlFrame {
  const rows: Row[] = [];
  let hasHeader = false;
  return {
    open: ({ name, attributes }) => {
      if (name === "a:tblPr") hasHeader = isOn(attributes.firstRow ?? "0");
      if (name !== "a:tr") return null;
      const row: Row = [];
      rows.push(row);
      return { open: (element) => (element.name === "a:tc" ? readCell(element, context, row) : null) };
    },
    close: () => onEnd(placeCells(rows, hasHeader)),
  };
}

type ReadCell = {
  paragraphs: SlideParagraph[];
  rs: number;
  cs: number;
  isMerged: boolean;
  span: [number, number];
};

type Row = ReadCell[];

function readCell({ attributes, start }: XmlElement, context: TextContext, row: Row): XmlFrame {
  const cell: ReadCell = {
    paragraphs: [],
    rs: Math.max(1, clampLevel(attributes.rowSpan, MAX_SPAN)),
    cs: Math.max(1, clampLevel(attributes.gridSpan, MAX_SPAN)),
    isMerged: isOn(attributes.hMerge ?? "0") || isOn(attributes.vMerge ?? "0"),
    span: [start, start],
  };
  row.push(cell);
  return {
    open: ({ name }) => (name === "a:txBody" ? readTextBody(cell.paragraphs, new Map(), context) : null),
    close: (end) => {
      cell.span[1] = end;
    },
  };
}

/** Each row lists all the places of the grid. A span that reaches beyond the grid or over another cell is cut. */
function placeCells(rows: readonly Row[], hasHeader: boolean): SlideTable {
  const cols = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const isMerged = (r: number, c: number) => rows[r]?.[c]?.isMerged === true;
  const taken = new Set<string>();
  const cells: SlideCell[] = [];
  for (const [r, row] of rows.entries()) {
    for (const [c, cell] of row.entries()) {
      if (cell.isMerged && taken.has(`${r} ${c}`)) continue;
      let cs = 1;
      while (cs < cell.cs && isMerged(r, c + cs) && !taken.has(`${r} ${c + cs}`)) cs += 1;
      let rs = 1;
      const isRowMerged = (at: number) =>
        Array.from({ length: cs }, (_, over) => over).every(
          (over) => isMerged(at, c + over) && !taken.has(`${at} ${c + over}`),
        );
      while (rs < cell.rs && isRowMerged(r + rs)) rs += 1;
      for (let down = 0; down < rs; down += 1) {
        for (let over = 0; over < cs; over += 1) taken.add(`${r + down} ${c + over}`);
      }
      const content = joinTexts(
        cell.paragraphs.map((paragraph) => paragraph.content),
        "\n",
      );
      cells.push({ r, c, rs, cs, header: hasHeader && r === 0, content, span: cell.span });
    }
  }
  return { rows: rows.length, cols, cells };
}
