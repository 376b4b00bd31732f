import type { Checkpoint } from "../checkpoint.ts";
import { appendBlock, type ParsedBlock, type ParsedPage } from "../reader.ts";
import { withComposedAccents } from "./accents.ts";
import { findAlignedTables } from "./aligned-tables.ts";
import { footnoteMarkerOf, splitFootnotes } from "./footnotes.ts";
import { findFormulas } from "./formulas.ts";
import { type Furniture, findFurniture, findTurnedFurniture } from "./furniture.ts";
import { beginGroup, continuesGroup, findListItems, type Group, type GroupOrTable } from "./group-lines.ts";
import { findHeadings, isCaption } from "./headings.ts";
import { joinCode, joinLines, type Words, wordsOf } from "./join-lines.ts";
import type { Line } from "./lines.ts";
import { findListDepths } from "./list-depths.ts";
import { withoutOverprint } from "./overprint.ts";
import type { Box, PageContent } from "./page-content.ts";
import { type PageLines, readPageLines, type TableOrLine } from "./page-lines.ts";
import { NEWEST_PDF_RULES, type PdfRules } from "./rules.ts";
import { type Typography, typographyOf } from "./style.ts";
import { tableBlock } from "./table.ts";

/** A place in the list of what was found on the pages, before it is written as blocks. */
type Item =
  | GroupOrTable
  | Readonly<{ furniture: Furniture; lines: Line[] }>
  | Readonly<{ imageOf: PageContent }>;

/** Reads pages into blocks in reading order: a pure function of what the library says about each page. */
export function readBlocks(
  contents: readonly PageContent[],
  checkpoint: Checkpoint,
  rules: PdfRules = NEWEST_PDF_RULES,
): { blocks: ParsedBlock[]; pages: ParsedPage[] } {
  const drawn = rules >= 4 ? withoutOverprint(contents) : contents;
  const pages = (rules === 2 ? drawn : withComposedAccents(drawn)).map((content) => {
    checkpoint();
    return readPageLines(content, rules);
  });
  const furniture = findFurniture(
    pages.map(({ page, items }) => ({ n: page.n, h: page.h, lines: linesIn(items) })),
    rules,
  );
  const bodies = pages.map(({ page, items }) => bodyOf(items, furniture, page.rules, rules));
  const bodyLines = bodies.flatMap((items) => linesIn(items));
  const typography = typographyOf(bodyLines, rules);
  const items = groupPages(pages, bodies, furniture, typography, rules);
  const groups = items.flatMap((item) => ("group" in item && item.group ? [item.group] : []));
  const levels = findHeadings(groups, typography, rules);
  const depths = findListDepths(groups);
  const words = wordsOf(bodyLines);
  const formulas =
    rules < 4
      ? new Map<Group, readonly Group[]>()
      : findFormulas(
          items.map((item) => ("group" in item && item.group && !levels.has(item.group) ? item.group : null)),
          typography.bodySize,
        );
  const parts = new Set([...formulas.values()].flatMap(([, ...others]) => others));
  const blocks: ParsedBlock[] = [];
  for (const item of items) {
    checkpoint();
    if ("group" in item && item.group && parts.has(item.group)) continue;
    appendBlock(blocks, blockOf(item, { levels, depths, words, formulas }));
  }
  return { blocks, pages: placePages(contents, blocks) };
}

function linesIn(items: readonly TableOrLine[]): Line[] {
  return items.flatMap(({ line }) => line ?? []);
}

/** What is neither header nor footer, with the tables that its lines make. */
function bodyOf(
  items: readonly TableOrLine[],
  furniture: ReadonlyMap<Line, Furniture>,
  drawn: PageContent["rules"],
  rules: PdfRules,
): TableOrLine[] {
  const body: TableOrLine[] = [];
  let lines: Line[] = [];
  const takeLines = () => {
    body.push(...findAlignedTables(lines, drawn, rules));
    lines = [];
  };
  for (const item of items) {
    if (item.table) {
      takeLines();
      body.push(item);
    } else if (!furniture.has(item.line)) lines.push(item.line);
  }
  takeLines();
  return body;
}

function groupPages(
  pages: readonly PageLines[],
  bodies: readonly (readonly TableOrLine[])[],
  furniture: ReadonlyMap<Line, Furniture>,
  typography: Typography,
  rules: PdfRules,
): Item[] {
  const dots = new Map(pages.map(({ page }): [number, readonly Box[]] => [page.n, page.dots]));
  const listItems = findListItems(bodies.flatMap(linesIn), dots, rules);
  const turned = findTurnedFurniture(
    pages.flatMap(({ rotated }) => rotated),
    furniture,
  );
  const isEmpty = bodies.every((body) => body.length === 0);
  const items: Item[] = [];
  let open: Group | null = null;
  /** What stands at the end of a page comes behind the paragraph there, or before it if that goes on on the next page. */
  let pending: Item[] = [];
  const close = () => {
    if (open) items.push({ group: open });
    open = null;
    items.push(...pending);
    pending = [];
  };
  for (const [index, { page, items: all, rotated }] of pages.entries()) {
    const { body, notes } = splitFootnotes(bodies[index] ?? [], page, typography, rules);
    const [headers, footers] = (["page_header", "page_footer"] as const).map((kind) =>
      furnitureOf(linesIn(all), furniture, kind),
    );
    const own: Item[] = [...(headers ?? [])];
    for (const { line, table } of body) {
      const item = line && listItems.get(line);
      if (line && open && !item && continuesGroup(open, line, typography, rules)) {
        items.push(...pending, ...own);
        pending = [];
        open.lines.push(line);
      } else {
        close();
        items.push(...own);
        if (line) open = beginGroup(line, item, typography, rules);
        else items.push({ table });
      }
      own.length = 0;
    }
    const end: Item[] = [
      ...own,
      ...(body.length === 0 && (page.hasPicture || isEmpty) ? [{ imageOf: page }] : []),
      ...rotated.map((line): Item => {
        const kind = turned.get(line);
        return kind
          ? { furniture: kind, lines: [line] }
          : { group: beginGroup(line, undefined, typography, rules) };
      }),
      ...notes.map((group) => ({ group })),
      ...(footers ?? []),
    ];
    pending.push(...end);
  }
  close();
  return items;
}

/** One block for the lines of a header or footer. */
function furnitureOf(
  lines: readonly Line[],
  furniture: ReadonlyMap<Line, Furniture>,
  kind: Furniture,
): Item[] {
  const own = lines.filter((line) => furniture.get(line) === kind);
  return own.length === 0
    ? []
    : [{ furniture: kind, lines: own.sort((a, b) => a.baseline - b.baseline || a.box[0] - b.box[0]) }];
}

type Known = Readonly<{
  levels: ReadonlyMap<Group, number>;
  depths: ReadonlyMap<Group, number>;
  words: Words;
  formulas: ReadonlyMap<Group, readonly Group[]>;
}>;

function blockOf(item: Item, { levels, depths, words, formulas }: Known): ParsedBlock {
  if ("imageOf" in item) return imageBlock(item.imageOf);
  if ("furniture" in item) return { type: item.furniture, ...joinLines(item.lines, words), reasons: [] };
  if (item.table) return tableBlock(item.table);
  const { group } = item;
  const formula = formulas.get(group);
  if (formula) {
    const all = formula.flatMap((part) => part.lines);
    return { type: "formula", ...joinLines(all, words), reasons: [] };
  }
  const level = levels.get(group);
  const { kind, lines, marker, skip } = group;
  if (level !== undefined) {
    const text = joinLines(lines, words);
    return level === 0
      ? { type: "title", ...text, reasons: [] }
      : { type: "heading", level, ...text, reasons: [] };
  }
  if (kind === "code") return { type: "code", ...joinCode(lines), reasons: [] };
  if (kind === "list_item")
    return {
      type: "list_item",
      level: depths.get(group) ?? 1,
      ...(marker === undefined ? {} : { marker }),
      ...joinLines(lines, words, skip),
      reasons: [],
    };
  if (kind === "footnote") {
    const note = footnoteMarkerOf(lines[0]) ?? marker;
    return { type: "footnote", ...(note && { marker: note }), ...joinLines(lines, words), reasons: [] };
  }
  return { type: isCaption(group) ? "caption" : "paragraph", ...joinLines(lines, words), reasons: [] };
}

/** A page that shows a picture and no text stands in the document as its image, to be reviewed. */
function imageBlock({ n, w, h }: PageContent): ParsedBlock {
  const text = `Image of page ${n}`;
  return {
    type: "image",
    text,
    src: [{ k: "pdf", page: n, bbox: [0, 0, w, h] }],
    boxes: [[0, text.length, n, [0, 0, w, h]]],
    reasons: ["image_without_text"],
  };
}

const CONFIDENCE = 0.95;
const IMAGE_CONFIDENCE = 0.4;

/** The part of the text that each page holds. A paragraph may be cut by the end of its page. */
function placePages(contents: readonly PageContent[], blocks: readonly ParsedBlock[]): ParsedPage[] {
  const spans = new Map<number, Pick<ParsedPage, "start" | "end">>();
  const images = new Set<number>();
  for (const [block, { boxes = [], type }] of blocks.entries()) {
    for (const [start, length, page] of boxes) {
      const span = spans.get(page);
      const end = { block, offset: start + length };
      if (span) span.end = end;
      else spans.set(page, { start: { block, offset: start }, end });
      if (type === "image") images.add(page);
    }
  }
  let last = { block: 0, offset: 0 };
  return contents.map(({ n, w, h }) => {
    const span = spans.get(n) ?? { start: last, end: last };
    last = span.end;
    return { n, w, h, confidence: images.has(n) ? IMAGE_CONFIDENCE : CONFIDENCE, ...span };
  });
}
