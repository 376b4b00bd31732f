/**
 * How well a docir tells what a document says, from 0 to 1 for each of several questions. The measures are those of the
 * design's score-documents.mjs: F1 and token order by longest common subsequence.
 */
import type { Block, DocIR } from "../../src/document/index.ts";
import type { Truth, TruthTable } from "./truth.ts";

export type Scores = Readonly<{
  /** The share of the true words that the body holds. */
  wordRecall?: number;
  /** Similarity of the order of words. */
  nid?: number;
  /** The share of the words of the main content that is found outside boilerplate, and their share of what is found there. */
  mainRecall?: number;
  mainPrecision?: number;
  headings?: number;
  listItems?: number;
  /** Cells of tables by row and order. */
  cells?: number;
  /** Headers and footers that are found, less those that leak into the body. */
  headersAndFooters?: number;
  notes?: number;
  /** Cells of sheets by sheet, reference and text. */
  cellsByReference?: number;
}>;

const FURNITURE = new Set(["page_header", "page_footer", "metadata", "separator"]);
const WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+/gu;

export function scoreDocument(truth: Truth, docir: DocIR): Scores {
  const shown = docir.blocks.filter(({ role }) => role !== "hidden");
  const body = shown.filter(({ type }) => !FURNITURE.has(type));
  const textOf = (block: Block) => docir.text.slice(...block.span);
  const textsOf = (...types: string[]) => shown.filter(({ type }) => types.includes(type)).map(textOf);
  return {
    ...(truth.text === undefined ? {} : scoreText(truth, body.map(textOf).join("\n"))),
    ...(truth.main !== undefined &&
      scoreMain(
        truth.main,
        body
          .filter(({ role }) => role === undefined)
          .map(textOf)
          .join("\n"),
      )),
    ...(truth.headings && {
      headings: alignedF1(
        truth.headings.map(({ text }) => text),
        textsOf("heading", "title"),
      ),
    }),
    ...(truth.listItems && { listItems: alignedF1(truth.listItems, textsOf("list_item")) }),
    ...(truth.tables && { cells: cellF1(truth.tables, docir) }),
    ...(truth.headersAndFooters && {
      headersAndFooters: scoreFurniture(
        truth.headersAndFooters,
        textsOf("page_header", "page_footer"),
        body.map(textOf),
      ),
    }),
    ...(truth.footnotes && { notes: shareFound(truth.footnotes, squash(docir.text)) }),
    ...(truth.sheets && { cellsByReference: scoreSheets(truth.sheets, docir) }),
  };
}

/** The mean of each score over the documents that have it. */
export function meanScores(all: readonly Scores[]): Scores {
  const names = [...new Set(all.flatMap((scores) => Object.keys(scores)))] as (keyof Scores)[];
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap((scores) => scores[name] ?? []);
      return [name, values.reduce((sum, value) => sum + value, 0) / values.length];
    }),
  );
}

function scoreText(truth: Truth, body: string): Scores {
  const extra = [truth.footnotes, truth.textBoxes, truth.comments].flatMap((texts) => texts ?? []);
  const wanted = wordsOf([truth.text, ...extra].join("\n"));
  const found = wordsOf(body);
  return {
    wordRecall: wanted.length === 0 ? 1 : countCommon(wanted, found) / wanted.length,
    nid: f1(commonLength(wanted, found), wanted.length, found.length),
  };
}

function scoreMain(main: string, outsideBoilerplate: string): Scores {
  const [wanted, found] = [wordsOf(main), wordsOf(outsideBoilerplate)];
  const common = countCommon(wanted, found);
  return {
    mainRecall: common / Math.max(1, wanted.length),
    mainPrecision: common / Math.max(1, found.length),
  };
}

function scoreFurniture(
  wanted: readonly string[],
  found: readonly string[],
  body: readonly string[],
): number {
  const inBody = squash(body.join("\n"));
  const leaks = wanted.filter((text) => inBody.includes(squash(text))).length;
  return Math.max(0, shareFound(wanted, squash(found.join("\n"))) - leaks / Math.max(1, wanted.length));
}

function shareFound(wanted: readonly string[], text: string): number {
  return wanted.length === 0
    ? 1
    : wanted.filter((part) => text.includes(squash(part))).length / wanted.length;
}

/** Texts found in their order, each as a whole. */
function alignedF1(wanted: readonly string[], found: readonly string[]): number {
  return f1(commonLength(wanted.map(squash), found.map(squash)), wanted.length, found.length);
}

/** Rows are aligned in order, and cells within rows. */
function cellF1(wanted: readonly TruthTable[], docir: DocIR): number {
  const isFilled = (text: string) => text !== "";
  const rows = wanted.flat().map((row) => row.map((cell) => squash(cell ?? "")).filter(isFilled));
  const foundRows = docir.blocks.flatMap(({ table }) =>
    Array.from({ length: table?.rows ?? 0 }, (_, r) =>
      (table?.cells ?? [])
        .filter((cell) => cell.r === r)
        .map(({ span }) => squash(docir.text.slice(...span)))
        .filter(isFilled),
    ),
  );
  const count = (all: readonly (readonly string[])[]) => all.reduce((sum, row) => sum + row.length, 0);
  return f1(weighRows(rows, foundRows), count(rows), count(foundRows));
}

/** The most cells that rows have in common when they are aligned in order. */
function weighRows(wanted: readonly (readonly string[])[], found: readonly (readonly string[])[]): number {
  let above = new Array<number>(found.length + 1).fill(0);
  for (const row of wanted) {
    const current = [0];
    for (const [at, other] of found.entries()) {
      const together = (above[at] ?? 0) + commonLength(row, other);
      current.push(Math.max(current[at] ?? 0, above[at + 1] ?? 0, together));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}

function scoreSheets(sheets: NonNullable<Truth["sheets"]>, docir: DocIR): number {
  const found = new Map<string, string>();
  for (const block of docir.blocks) {
    for (const { src, span } of block.table?.cells ?? [block]) {
      const [anchor] = src ?? [];
      if (anchor?.k === "cell") found.set(`${anchor.sheet}!${anchor.ref}`, docir.text.slice(...span));
    }
  }
  const wanted = sheets.flatMap(({ name, cells }) =>
    Object.entries(cells).map(([reference, text]): [string, string] => [`${name}!${reference}`, text]),
  );
  return f1(wanted.filter(([place, text]) => found.get(place) === text).length, wanted.length, found.size);
}

function wordsOf(text: string): string[] {
  return fold(text).match(WORDS) ?? [];
}

/** The words of a text without anything in between. */
function squash(text: string): string {
  return wordsOf(text).join("");
}

function fold(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .toLowerCase();
}

function countCommon(wanted: readonly string[], found: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of found) left.set(word, (left.get(word) ?? 0) + 1);
  let count = 0;
  for (const word of wanted) {
    const times = left.get(word) ?? 0;
    if (times === 0) continue;
    count += 1;
    left.set(word, times - 1);
  }
  return count;
}

/** The length of the longest common subsequence; empty texts have nothing in common. */
function commonLength(first: readonly string[], second: readonly string[]): number {
  let above = new Uint32Array(second.length + 1);
  for (const word of first) {
    const current = new Uint32Array(second.length + 1);
    for (const [at, other] of second.entries()) {
      current[at + 1] =
        word === other && word !== "" ? (above[at] ?? 0) + 1 : Math.max(current[at] ?? 0, above[at + 1] ?? 0);
    }
    above = current;
  }
  return above[second.length] ?? 0;
}

function f1(common: number, wanted: number, found: number): number {
  return wanted + found === 0 ? 1 : (2 * common) / (wanted + found);
}
