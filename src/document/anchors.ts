import type { Block, LineBox, SourceAnchor, Span, Table } from "./schema.ts";

type Box = LineBox[3];

/** Where the text of a span comes from, for formats whose places are not bytes. Keys without a value are left out. */
export type Place = { page?: number; bbox?: Box; src?: SourceAnchor[] };

/**
 * The place of a span of `docir.text` that lies in this block: the cells it touches, the boxes of its lines, or else the
 * block's own anchors. Empty for a block anchored in bytes alone, whose runs say more. `bbox` holds the lines on the
 * first page.
 */
export function placeOf(block: Block, span: Span): Place {
  const src = anchorsOf(block, span);
  const boxes = src.filter((anchor) => anchor.k === "pdf");
  const page = boxes[0]?.page;
  return {
    ...(page === undefined
      ? {}
      : { page, bbox: enclose(boxes.filter((box) => box.page === page).map(({ bbox }) => bbox)) }),
    ...(src.length === 0 ? {} : { src }),
  };
}

/** The pages that these anchors are on, ascending. */
export function pagesOf(anchors: readonly SourceAnchor[]): number[] {
  const pages = new Set(anchors.flatMap((anchor) => (anchor.k === "pdf" ? [anchor.page] : [])));
  return [...pages].sort((a, b) => a - b);
}

/** The anchors of a span, bytes left out. */
export function anchorsOf(block: Block, [start, end]: Span): SourceAnchor[] {
  const anchors = cellsIn(block.table?.cells ?? [], start, end).flatMap(({ src }) => src ?? []);
  const lines = block.boxes?.filter(([at, length]) => at < end && at + length > start) ?? [];
  anchors.push(...lines.map(([, , page, bbox]): SourceAnchor => ({ k: "pdf", page, bbox })));
  return anchors.length > 0 ? anchors : block.src.filter(({ k }) => k !== "bytes");
}

/** The cells that a span touches. Cells are in the order of their text, so the first is found by halving. */
function cellsIn(cells: Table["cells"], start: number, end: number): Table["cells"] {
  let [low, high] = [0, cells.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle]?.span[1] ?? 0) > start) high = middle;
    else low = middle + 1;
  }
  const found: Table["cells"] = [];
  for (let index = low; index < cells.length; index += 1) {
    const cell = cells[index];
    if (!cell || cell.span[0] >= end) break;
    if (cell.span[1] > start) found.push(cell);
  }
  return found;
}

function enclose(boxes: readonly Box[]): Box {
  return boxes.reduce((all, [left, top, right, bottom]) => [
    Math.min(all[0], left),
    Math.min(all[1], top),
    Math.max(all[2], right),
    Math.max(all[3], bottom),
  ]);
}
