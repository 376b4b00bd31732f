import type { Block, DocIR, Memo, Span, Table } from "../schema.ts";
import type { Citations } from "./citation.ts";
import { findFigures } from "./figures.ts";

/** What tables, forms and mails say besides sentences. A list is present only when it has items. */
export type Facts = Pick<Memo, "message" | "columns" | "totals" | "fields">;

type Items<Key extends keyof Facts> = NonNullable<Facts[Key]>;

const MAX_COLUMNS = 60;
const MAX_TOTALS = 30;
const MAX_FIELDS = 40;

export function factsOf(docir: DocIR, citations: Citations): Facts {
  return factsWith(docir, citations, isFieldValue);
}

/** As `extractive/4` has them: each line with a colon may be a field. */
export function looseFactsOf(docir: DocIR, citations: Citations): Facts {
  return factsWith(docir, citations, () => true);
}

function factsWith(docir: DocIR, citations: Citations, isValue: (text: string) => boolean): Facts {
  const lists = {
    message: messageOf(docir, citations),
    columns: columnsOf(docir, citations),
    totals: totalsOf(docir, citations),
    fields: fieldsOf(docir, citations, isValue),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, items]) => items.length > 0));
}

const MESSAGE_NAMES = ["from", "to", "cc", "date"] as const;

const HEADER_LINE = /^([A-Za-z-]+): (\S.*)$/gm;

/** Of a mail: who wrote to whom, and when. */
function messageOf({ source, text, blocks }: DocIR, { cite, isWhole }: Citations): Items<"message"> {
  const header = blocks.find(({ type }) => type === "metadata");
  if (source.mediaType !== "message/rfc822" || header === undefined) return [];
  const items: Items<"message"> = [];
  for (const { 0: line, 1: field, 2: value = "", index } of text
    .slice(...header.span)
    .matchAll(HEADER_LINE)) {
    const name = MESSAGE_NAMES.find((known) => known === field?.toLowerCase());
    const end = header.span[0] + index + line.length;
    const span: Span = [end - value.length, end - (value.length - value.trimEnd().length)];
    if (name === undefined || !isWhole(header, span)) continue;
    const quoted = cite(`/message/${items.length}`, header, span);
    items.push({ name, text: quoted.text, cite: quoted });
  }
  return items;
}

type Cell = Table["cells"][number];

function* tablesOf({ blocks }: DocIR): Generator<Readonly<{ block: Block; table: Table }>> {
  for (const block of blocks) if (block.table !== undefined) yield { block, table: block.table };
}

/** Every column that has a header, with what its other cells hold. */
function columnsOf(docir: DocIR, { cite, isWhole }: Citations): Items<"columns"> {
  const items: Items<"columns"> = [];
  for (const { block, table } of tablesOf(docir)) {
    const byColumn = Map.groupBy(table.cells, ({ c }) => c);
    for (const [, cells] of [...byColumn].sort(([a], [b]) => a - b)) {
      const header = cells.find((cell) => cell.header && isFilled(cell));
      if (header === undefined || header.cs > 1 || !isWhole(block, header.span)) continue;
      if (items.length >= MAX_COLUMNS) return items;
      const values = cells.filter((cell) => !cell.header && isFilled(cell));
      const quoted = cite(`/columns/${items.length}`, block, header.span);
      const holds = kindOfCells(docir.text, values);
      items.push({ table: block.id, text: quoted.text, holds, filled: values.length, cite: quoted });
    }
  }
  return items;
}

function isFilled({ span: [start, end] }: Cell): boolean {
  return end > start;
}

type Kind = Items<"columns">[number]["holds"];

const KINDS: readonly Kind[] = ["date", "money", "number"];

/** What a column holds is told by this many of its cells. */
const SAMPLED_CELLS = 40;

/** The kind that more than half of the cells have. */
function kindOfCells(text: string, cells: readonly Cell[]): Kind {
  const sample = cells.slice(0, SAMPLED_CELLS).map(({ span }) => kindOfCell(text.slice(...span)));
  return KINDS.find((kind) => 2 * sample.filter((found) => found === kind).length > sample.length) ?? "text";
}

const PLAIN_NUMBER = /^[-−+]?\p{Nd}[\p{Nd}.,'’ \u00a0\u202f]*\s?%?$/u;

function kindOfCell(cell: string): Kind {
  const value = cell.trim().replaceAll(/^"|"$/g, "");
  const [figure] = findFigures(value);
  const isWhole = figure !== undefined && 2 * (figure.end - figure.start) > value.length;
  if (isWhole && figure.kind !== "number") return figure.kind;
  return isWhole || PLAIN_NUMBER.test(value) ? "number" : "text";
}

/** How the first cell of a row of totals begins. English, German and Indonesian, Chinese and Japanese. */
const TOTAL =
  /^"?(?:(?:grand |sub-?)?totals?|sum|summe|gesamt\p{L}*|insgesamt|jumlah|合計|合计|总计|總計)(?!\p{L})/iu;

/** The rows of tables that begin as totals do, each quoted whole. */
function totalsOf(docir: DocIR, { cite, isWhole }: Citations): Items<"totals"> {
  const items: Items<"totals"> = [];
  for (const { block, table } of tablesOf(docir)) {
    const rows = Map.groupBy(table.cells.filter(isFilled), ({ r }) => r);
    for (const [first, ...rest] of rows.values()) {
      const last = rest.at(-1);
      if (first === undefined || first.header || last === undefined) continue;
      const span: Span = [first.span[0], last.span[1]];
      if (!TOTAL.test(docir.text.slice(...first.span)) || !isWhole(block, span)) continue;
      if (items.length >= MAX_TOTALS) return items;
      const quoted = cite(`/totals/${items.length}`, block, span);
      items.push({ table: block.id, text: quoted.text, cite: quoted });
    }
  }
  return items;
}

/** A name of up to five words and a value on the same line. */
const FIELD = /^[ \t]*(\p{L}[^\s:]*(?:[ \t][^\s:]+){0,4})[ \t]?[:：][ \t]*(\S[^\n]{0,200})$/gmu;

/** Fewer lines of this form make no form, and neither do those of a document that is mostly prose. */
const MIN_FIELDS = 3;

/** A full stop behind three words or more ends a sentence, unless it belongs to an abbreviation such as "Ltd.". */
const SENTENCE = /^(?:\S+\s+){2,}\S*[.!?。！？]$/u;
const ABBREVIATION = /(?:^|\s)\p{Lu}\p{L}{0,3}\.$/u;

/** A value has letters or digits, and is no sentence. */
function isFieldValue(value: string): boolean {
  const text = value.trim();
  return /[\p{L}\p{N}]/u.test(text) && (!SENTENCE.test(text) || ABBREVIATION.test(text));
}

/** The lines "name: value" of a form. */
function fieldsOf(
  { source, text, blocks }: DocIR,
  { cite, isWhole }: Citations,
  isValue: (text: string) => boolean,
): Items<"fields"> {
  if (source.mediaType === "message/rfc822") return [];
  const found: { block: Block; name: string; span: Span }[] = [];
  let lines = 0;
  for (const block of blocks) {
    if (block.type !== "paragraph" && block.type !== "list_item") continue;
    const blockText = text.slice(...block.span);
    lines += blockText.split("\n").length;
    for (const { 0: line, 1: name = "", 2: value = "", index } of blockText.matchAll(FIELD)) {
      const end = block.span[0] + index + line.length;
      const span: Span = [end - value.length, end - (value.length - value.trimEnd().length)];
      if (found.length < MAX_FIELDS && isValue(value) && isWhole(block, span))
        found.push({ block, name, span });
    }
  }
  if (found.length < MIN_FIELDS || (found.length < MAX_FIELDS && 2 * found.length < lines)) return [];
  return found.map(({ block, name, span }, index) => {
    const quoted = cite(`/fields/${index}`, block, span);
    return { name, text: quoted.text, cite: quoted };
  });
}
