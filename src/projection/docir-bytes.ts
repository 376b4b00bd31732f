import { REVIEW_BELOW } from "../document/confidence.ts";
import { lowerBound } from "../document/lower-bound.ts";
import type { Block, DocIR, Table } from "../document/schema.ts";
import { type Window, windowOf } from "./step-window.ts";
import type { Span } from "./text-parts.ts";

/**
 * Reads parts of a stored docir. Its JSON is canonical (RFC 8785): keys are sorted and a quotation mark within a string is always
 * escaped, so the keys below occur nowhere but where the schema has them. Only what is wanted is parsed: a docir of 100 MB has
 * a million objects, and parsing all of them would block other requests for seconds.
 */
const KEY = {
  blocks: Buffer.from('"blocks":['),
  /** The last key of a block. */
  type: Buffer.from(',"type":"'),
  confidence: Buffer.from('"confidence":'),
  id: Buffer.from(',"id":"'),
  reasons: Buffer.from(',"reasons":['),
  runBytes: Buffer.from(',"runBytes":['),
  runs: Buffer.from(',"runs":['),
  span: Buffer.from(',"span":['),
  cells: Buffer.from(',"table":{"cells":['),
  cell: Buffer.from('{"c":'),
  cols: Buffer.from('],"cols":'),
  text: Buffer.from(',"text":"'),
  warnings: Buffer.from(',"warnings":['),
} as const;

const [COMMA, QUOTE] = [0x2c, 0x22];

/** The document without its blocks. */
export type DocIRHead = Omit<DocIR, "blocks">;

export type DocIRBytes = Readonly<{
  head: DocIRHead;
  /** How many blocks there are. */
  total: number;
  /** How many of them have a low confidence. */
  doubtful: number;
  /** The first block that ends after an offset of the text; `total` when none does. */
  findBlock(offset: number): number;
  /** The positions of the blocks with these ids. */
  findBlocksById(ids: ReadonlySet<string>): ReadonlyMap<string, number>;
  /**
   * A block without its `runs`. Of a table, the cells are those of a window of its rows, and those of its first row.
   * @param wanted a row of the window, by number or by the span of one of its cells
   */
  readBlock(index: number, wanted: WantedRow): ReadBlock;
}>;

export type WantedRow = Readonly<{ span: Span | null; row: number | null }>;

/** `rows`: the window of the rows of a table; null for any other block. */
export type ReadBlock = Readonly<{ block: Block; rows: Window | null }>;

/** @param bytes a docir as it is stored; its hash has been checked, so its shape is known */
export function readDocIRBytes(bytes: Uint8Array, rowsPerTable: number): DocIRBytes {
  const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = json.indexOf(KEY.blocks);
  const firstBlock = blocks + KEY.blocks.length;
  const { begins, ends, doubtful } = findBlocks(json, firstBlock);
  const blockAt = (index: number) => json.subarray(begins[index], ends[index]);
  return {
    head: readHead(json, blocks, ends.at(-1) ?? firstBlock),
    total: begins.length,
    doubtful,
    findBlock: (offset) => lowerBound(0, begins.length, (index) => readSpan(blockAt(index))[1] > offset),
    findBlocksById: (ids) => findBlocksById(ids, begins.length, blockAt),
    readBlock: (index, wanted) => readBlock(blockAt(index), wanted, rowsPerTable),
  };
}

function findBlocks(json: Buffer, firstBlock: number) {
  const [begins, ends]: [number[], number[]] = [[], []];
  let doubtful = 0;
  for (let begin = firstBlock; json[begin] !== undefined && json[begin] !== 0x5d; ) {
    const type = json.indexOf(KEY.type, begin) + KEY.type.length;
    const end = json.indexOf(QUOTE, type) + 2;
    begins.push(begin);
    ends.push(end);
    if (isDoubtful(json, begin, json.toString("latin1", type, end - 2))) doubtful += 1;
    begin = json[end] === COMMA ? end + 1 : end;
  }
  return { begins, ends, doubtful };
}

function isDoubtful(json: Buffer, begin: number, type: string): boolean {
  const at = json.indexOf(KEY.confidence, begin) + KEY.confidence.length;
  return type !== "separator" && Number(json.toString("latin1", at, json.indexOf(COMMA, at))) < REVIEW_BELOW;
}

/** The keys before and after the blocks. The text is parsed apart: a comma follows it, and only `warnings` comes after it. */
function readHead(json: Buffer, blocks: number, blocksEnd: number): DocIRHead {
  const text = json.indexOf(KEY.text, blocksEnd);
  const warnings = json.lastIndexOf(KEY.warnings);
  const before = json.toString("utf8", 1, blocks);
  const head = JSON.parse(`{${before}${json.toString("utf8", blocksEnd + 2, text)}}`);
  head.text = JSON.parse(json.toString("utf8", text + KEY.text.length - 1, warnings));
  return Object.assign(head, JSON.parse(`{${json.toString("utf8", warnings + 1).trimEnd()}`));
}

function findBlocksById(
  ids: ReadonlySet<string>,
  total: number,
  blockAt: (index: number) => Buffer,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (let index = 0; index < total && found.size < ids.size; index += 1) {
    const block = blockAt(index);
    const at = block.indexOf(KEY.id) + KEY.id.length;
    const id = block.toString("latin1", at, block.indexOf(QUOTE, at));
    if (ids.has(id)) found.set(id, index);
  }
  return found;
}

/** The keys of a block before `reasons` can hold spans of their own, those of its links and marks. */
function readSpan(block: Buffer): Span {
  const at = block.indexOf(KEY.span, block.indexOf(KEY.reasons)) + KEY.span.length - 1;
  return JSON.parse(block.toString("latin1", at, block.indexOf("]", at) + 1));
}

function readBlock(block: Buffer, wanted: WantedRow, rowsPerTable: number): ReadBlock {
  const reasons = block.indexOf(KEY.reasons);
  const span = block.indexOf(KEY.span, reasons);
  const runs = [KEY.runBytes, KEY.runs]
    .map((key) => block.subarray(0, span).indexOf(key, reasons))
    .filter((at) => at !== -1);
  const before = block.toString("utf8", 0, Math.min(span, ...runs));
  const cells = block.indexOf(KEY.cells, span);
  if (cells === -1) return { block: JSON.parse(before + block.toString("utf8", span)), rows: null };
  const cellsBegin = cells + KEY.cells.length;
  const cellsEnd = block.indexOf(KEY.cols, cellsBegin);
  const after = block.toString("utf8", cellsEnd);
  const total = Number(/"rows":(\d+)/.exec(after)?.[1]);
  const shown = readCells(block.subarray(cellsBegin, cellsEnd), wanted, total, rowsPerTable);
  const parsed: Block = JSON.parse(
    `${before}${block.toString("utf8", span, cellsBegin)}${shown.json}${after}`,
  );
  return { block: parsed, rows: shown.rows };
}

type Cell = Table["cells"][number];

/** Cells are in reading order, so the cell at a span and the first cell of a row are found by halving. */
function readCells(cells: Buffer, { span, row }: WantedRow, total: number, rowsPerTable: number) {
  const begin = (isReached: (cell: Cell) => boolean) => findCell(cells, isReached);
  const marked =
    span === null
      ? null
      : readCell(
          cells,
          begin((cell) => cell.span[1] > span[0]),
        );
  const rows = windowOf(total, row ?? marked?.r ?? 0, rowsPerTable);
  const from = begin((cell) => cell.r >= rows.from);
  const to = begin((cell) => cell.r >= rows.to);
  const firstRowEnd = rows.from === 0 ? 0 : begin((cell) => cell.r > 0);
  const json = [slice(cells, 0, firstRowEnd), slice(cells, from, to)].filter((part) => part !== "").join(",");
  return { rows, json };
}

/** The byte where the first cell begins that is reached; the end of all cells when none is. */
function findCell(cells: Buffer, isReached: (cell: Cell) => boolean): number {
  const place = lowerBound(0, cells.length, (middle) => {
    const cell = readCell(cells, cells.indexOf(KEY.cell, middle));
    return cell === null || isReached(cell);
  });
  const at = cells.indexOf(KEY.cell, place);
  return at === -1 ? cells.length : at;
}

function readCell(cells: Buffer, at: number): Cell | null {
  if (at < 0 || at >= cells.length) return null;
  const next = cells.indexOf(KEY.cell, at + 1);
  return JSON.parse(slice(cells, at, next === -1 ? cells.length : next));
}

function slice(cells: Buffer, from: number, to: number): string {
  return cells.toString("utf8", from, cells[to - 1] === COMMA ? to - 1 : to);
}
