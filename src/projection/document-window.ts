import type { Block, DocIR, Table } from "../document/schema.ts";
import { type DocIRHead, type ReadBlock, readDocIRBytes } from "./docir-bytes.ts";
import { sourcePlaceOf } from "./source-place.ts";
import { type Window, windowOf } from "./step-window.ts";
import { overlaps, type Part, partsOf, type Span } from "./text-parts.ts";

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

/** A block as a page shows it: cut where it is long, with one span marked. */
export type ShownBlock = Readonly<{
  block: Omit<Block, "table" | "boxes">;
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
  const blocks = showBlocks(head.text, read, span);
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

function showBlocks(text: string, read: readonly ReadBlock[], mark: Span | null): readonly ShownBlock[] {
  let room = MAX_WINDOW_UNITS;
  const show = (span: Span): readonly Part[] => {
    const isMarked = overlaps(span, mark);
    const parts = partsOf(text, span, isMarked ? mark : null, room > 0 || isMarked ? MAX_BLOCK_UNITS : 0);
    room -= parts.reduce((used, part) => used + (part.kind === "cut" ? 0 : part.text.length), MARKUP_UNITS);
    return parts;
  };
  return read.map(({ block: { table, boxes: _, ...block }, rows }) => {
    const source = sourcePlaceOf(block.src);
    return table === undefined || rows === null
      ? { block, parts: show(block.span), table: null, source }
      : { block, parts: [], table: showTable(table, rows, show, mark), source };
  });
}

function showTable(
  { cols: columns, cells }: Table,
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
  return { rows, cols, head, body };
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
