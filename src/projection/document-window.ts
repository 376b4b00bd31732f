import type { Block, DocIR, Table } from "../document/schema.ts";
import { type DocIRBytes, type DocIRHead, type ReadBlock, readDocIRBytes } from "./docir-bytes.ts";
import { markParts, marksInCell, type PlacedMark, shownMarksOf } from "./part-marks.ts";
import { sourcePlaceOf } from "./source-place.ts";
import { type Window, windowOf } from "./step-window.ts";
import { overlaps, type Part, type PartMark, partsOf, type Span } from "./text-parts.ts";

export const DOCUMENT_WINDOW_SCHEMA = "jejakekal.document-window/1";

export const BLOCKS_PER_WINDOW = 200;
export const ROWS_PER_WINDOW = 100;
const COLUMNS_PER_WINDOW = 40;

/** Some blocks of a document with their texts: `GET /artifacts/:id/window` of a docir. */
export type DocumentWindow = Readonly<{
  schema: typeof DOCUMENT_WINDOW_SCHEMA;
  source: DocIR["source"];
  lang: DocIR["lang"] | null;
  /** The first of them. */
  warnings: DocIR["warnings"];
  /** How many blocks the document has, and how many of them have a low confidence. */
  total: number;
  doubtful: number;
  /** The window, by the position of its blocks. */
  from: number;
  to: number;
  /** The pages of a paged document that the window touches, in hundredths of a point. */
  pages: readonly Readonly<{ n: number; w: number; h: number }>[];
  /** How many pages the document has; null where it has none. */
  page_count: number | null;
  /** The boxes of the marked span on their pages: [left, top, right, bottom] from the top left, in hundredths of a point. */
  boxes: readonly PageBox[];
  /** The block in which the marked span begins. */
  marked: string | null;
  blocks: readonly ShownBlock[];
}>;

export type PageBox = Readonly<{ page: number; bbox: readonly [number, number, number, number] }>;

/** A block as a page shows it: cut where it is long, with one span marked, and its links and marks in the parts of its text. */
export type ShownBlock = Readonly<{
  block: Omit<Block, "table" | "boxes" | "marks">;
  parts: readonly Part[];
  /** The rows of a table; null for any other block. */
  table: ShownTable | null;
  /** Where the block lies in a source that has pages, sheets or parts; null in plain bytes. */
  source: string | null;
}>;

export type ShownTable = Readonly<{
  /** The window of its rows. */
  rows: Window;
  /** The first row, where the window begins behind it and its cells are headers. */
  head: readonly ShownCell[] | null;
  body: readonly (readonly ShownCell[])[];
  /** The window of its columns. */
  cols: Window;
  /** Of each of its columns; null where the document says nothing. */
  align: Table["columnAlign"] | null;
}>;

export type ShownCell = Readonly<{ cell: Table["cells"][number]; parts: readonly Part[] }>;

/** What of a document is wanted: the place of a span, or a block by its position, and a row of the tables in the window. */
export type WantedPlace = Readonly<{ span: Span | null; at: number | null; row: number | null }>;

const MAX_WARNINGS = 100;

/** Longer blocks are cut; the JSON has them whole. */
const MAX_BLOCK_UNITS = 12_000;

/** The most text in one window, in UTF-16 units. Each block and each cell counts its markup as well. */
const MAX_WINDOW_UNITS = 120_000;
const MARKUP_UNITS = 50;

/** @param bytes a docir as it is stored, its hash checked */
export function documentWindowOf(bytes: Uint8Array, { span, at, row }: WantedPlace): DocumentWindow {
  const docir = readDocIRBytes(bytes, ROWS_PER_WINDOW);
  const { head, total, doubtful } = docir;
  const wanted = at ?? (span === null ? 0 : docir.findBlock(span[0]));
  const { from, to } = windowOf(total, wanted, BLOCKS_PER_WINDOW);
  const indexes = Array.from({ length: to - from }, (_, index) => from + index);
  // A row belongs to the block that is named with it.
  const read = indexes.map((index) => docir.readBlock(index, { span, row: index === at ? row : null }));
  const blocks = showBlocks(head.text, read, span, orderFinder(docir, read));
  return {
    schema: DOCUMENT_WINDOW_SCHEMA,
    source: head.source,
    lang: head.lang ?? null,
    warnings: head.warnings.slice(0, MAX_WARNINGS),
    total,
    doubtful,
    from,
    to,
    pages: pagesOf(head, read),
    page_count: head.pages?.length ?? null,
    boxes: span === null ? [] : boxesOf(read, span),
    marked: read.find(({ block }) => overlaps(block.span, span))?.block.id ?? null,
    blocks,
  };
}

/** The positions of the blocks that references of the window lead to. All blocks are looked through only where one is outside. */
function orderFinder(docir: DocIRBytes, read: readonly ReadBlock[]): (id: string) => number | undefined {
  const orders = new Map(read.map(({ block }) => [block.id, block.order]));
  const outside = new Set<string>();
  for (const { block } of read)
    for (const mark of block.marks ?? [])
      if (mark.kind === "footnote_reference" && mark.blockId !== undefined && !orders.has(mark.blockId))
        outside.add(mark.blockId);
  if (outside.size > 0) for (const [id, order] of docir.findBlocksById(outside)) orders.set(id, order);
  return (id) => orders.get(id);
}

function showBlocks(
  text: string,
  read: readonly ReadBlock[],
  cited: Span | null,
  orderOf: (id: string) => number | undefined,
): readonly ShownBlock[] {
  let room = MAX_WINDOW_UNITS;
  const show = (span: Span, marks: readonly PlacedMark[]): readonly Part[] => {
    const isCited = overlaps(span, cited);
    const whole = partsOf(text, span, isCited ? cited : null, room > 0 || isCited ? MAX_BLOCK_UNITS : 0);
    const parts = markParts(whole, span[0], marks);
    room -= parts.reduce(
      (used, part) => used + (part.kind === "cut" ? 0 : part.text.length + markupOf(part.marks)),
      MARKUP_UNITS,
    );
    return parts;
  };
  return read.map(({ block: { table, boxes: _, marks: kept, ...block }, rows }) => {
    const source = sourcePlaceOf(block.src);
    const marks = shownMarksOf({ ...block, ...(kept === undefined ? {} : { marks: kept }) }, orderOf);
    if (table === undefined || rows === null)
      return { block, parts: show(block.span, marks), table: null, source };
    const showCell = (span: Span) => show(span, marksInCell(marks, span));
    return { block, parts: [], table: showTable(table, rows, showCell, cited), source };
  });
}

function markupOf(marks: readonly PartMark[] = []): number {
  return marks.length * MARKUP_UNITS;
}

function showTable(
  { cols: columns, cells, columnAlign }: Table,
  rows: Window,
  show: (span: Span) => readonly Part[],
  mark: Span | null,
): ShownTable {
  const cols = windowOf(columns, cells.find(({ span }) => overlaps(span, mark))?.c ?? 0, COLUMNS_PER_WINDOW);
  const inWindow = cells.filter(({ c, cs }) => c < cols.to && c + cs > cols.from);
  const byRow = Map.groupBy(inWindow, ({ r }) => r);
  const showRow = (row: number) => (byRow.get(row) ?? []).map((cell) => ({ cell, parts: show(cell.span) }));
  const head = rows.from > 0 && byRow.get(0)?.every(({ header }) => header) ? showRow(0) : null;
  const body = Array.from({ length: rows.to - rows.from }, (_, index) => showRow(rows.from + index));
  const align = columnAlign?.slice(cols.from, cols.to) ?? null;
  return { rows, cols, align, head, body };
}

function pagesOf({ pages = [] }: DocIRHead, read: readonly ReadBlock[]): DocumentWindow["pages"] {
  const [first, last] = [read[0]?.block.span[0] ?? 0, read.at(-1)?.block.span[1] ?? 0];
  return pages
    .filter(({ textSpan }) => textSpan[0] <= last && textSpan[1] >= first)
    .map(({ n, w, h }) => ({ n, w, h }));
}

/** The lines that hold a part of the span; of a block without lines, its own boxes. */
function boxesOf(read: readonly ReadBlock[], span: Span): readonly PageBox[] {
  return read
    .filter(({ block }) => overlaps(block.span, span))
    .flatMap(({ block: { boxes, src } }) =>
      boxes === undefined
        ? src.flatMap((anchor) => (anchor.k === "pdf" ? [{ page: anchor.page, bbox: anchor.bbox }] : []))
        : boxes
            .filter(([start, length]) => overlaps([start, start + length], span))
            .map(([, , page, bbox]) => ({ page, bbox })),
    );
}
