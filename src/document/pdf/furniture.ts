import type { Line } from "./lines.ts";
import { enclose } from "./page-content.ts";
import type { PdfRules } from "./rules.ts";

export type Furniture = "page_header" | "page_footer";

type PageLines = Readonly<{ n: number; h: number; lines: readonly Line[] }>;

/** Headers and footers have at most so many lines. */
const MAX_LINES = 4;

/** A line is compared with those of so many pages before and behind it, so that those of left and right pages may differ. */
const COMPARED_PAGES = 2;

const SAME_HEIGHT = 250;

/** Without a repetition only a page number is known, in this outer part of the page. */
const MARGIN = 0.09;

/** The number that the page has may stand further inside. */
const OWN_NUMBER_MARGIN = 0.16;

/** A footer that ends with the number of its page is at most so long. */
const MAX_NUMBERED_FOOTER = 80;

const PAGE_NUMBER =
  /^(?:page\s+|seite\s+|halaman\s+)?[-–—\s]*(?:\d{1,4}|[ivxlc]{1,6})[-–—\s]*(?:(?:of|von|dari|\/)\s*\d{1,4})?$|\s\d{1,4}\/\d{1,4}$/iu;

/** Lines on one baseline, from left to right. */
type Row = Readonly<{
  lines: readonly Line[];
  text: string;
  baseline: number;
  top: number;
  bottom: number;
  size: number;
}>;

/**
 * Lines at the top and bottom of pages that repeat on a page nearby, at the same height and with the same text but for its
 * numbers; lines at a fixed height far from the text below or above; and page numbers.
 */
export function findFurniture(pages: readonly PageLines[], rules: PdfRules): Map<Line, Furniture> {
  const found = new Map<Line, Furniture>();
  for (const kind of ["page_header", "page_footer"] as const) {
    const edges = pages.map(({ lines }) => edgeRows(lines, kind));
    const fixed = fixedHeights(pages, edges, kind);
    for (const [index, edge] of edges.entries()) {
      const { n = 0, h = 0 } = pages[index] ?? {};
      const nearby = edges
        .filter((_, other) => other !== index && Math.abs(other - index) <= COMPARED_PAGES)
        .flat();
      let taken = 0;
      for (const [rank, row] of edge.entries()) {
        const isFixed = rank === 0 && isApart(row, edge[1]) && fixed.has(stepOf(row, kind, h));
        const isFurniture =
          isFixed ||
          nearby.some((other) => isSame(row, other)) ||
          isPageNumber(row, edge[rank + 1], { n, h, kind });
        if (!isFurniture) break;
        taken = rank + 1;
      }
      if (rules >= 3) taken = withoutBody(edge, taken);
      for (const { lines } of edge.slice(0, taken)) for (const line of lines) found.set(line, kind);
    }
  }
  return found;
}

/**
 * How many of the rows at an edge are a header or footer, of which the first `taken` repeat: those up to the last gap before text
 * that does not. The pages of a presentation that grows repeat their first lines too.
 */
function withoutBody(edge: readonly Row[], taken: number): number {
  let count = taken;
  for (; count > 0; count -= 1) {
    const [row, next] = [edge[count - 1], edge[count]];
    if (row && (next ? isApart(row, next) : edge.length < MAX_LINES)) break;
  }
  return count;
}

function edgeRows(lines: readonly Line[], kind: Furniture): Row[] {
  const sign = kind === "page_header" ? 1 : -1;
  const rows: Line[][] = [];
  for (const line of [...lines].sort((a, b) => sign * (a.baseline - b.baseline))) {
    const first = rows.at(-1)?.[0];
    if (first && Math.abs(first.baseline - line.baseline) < 0.3 * line.size) rows.at(-1)?.push(line);
    else if (rows.length === MAX_LINES) break;
    else rows.push([line]);
  }
  return rows.map(rowOf);
}

function rowOf(lines: Line[]): Row {
  lines.sort((a, b) => a.box[0] - b.box[0]);
  const [, top, , bottom] = enclose(lines.map(({ box }) => box));
  const size = Math.max(...lines.map((line) => line.size));
  return {
    lines,
    text: lines.map(({ text }) => text).join(" "),
    baseline: lines[0]?.baseline ?? 0,
    top,
    bottom,
    size,
  };
}

function isSame(row: Row, other: Row): boolean {
  return Math.abs(row.baseline - other.baseline) <= SAME_HEIGHT && keyOf(row) === keyOf(other);
}

function keyOf({ text }: Readonly<{ text: string }>): string {
  const plain = text.trim().toLowerCase();
  return /^[ivxlc]+$/.test(plain) ? "#" : plain.replace(/\d+/g, "#");
}

const MIN_FIXED_PAGES = 3;

/** The heights at which most pages have their outermost line, and nothing close to it; in steps. */
function fixedHeights(
  pages: readonly PageLines[],
  edges: readonly (readonly Row[])[],
  kind: Furniture,
): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const [index, [row, next]] of edges.entries()) {
    if (!row || !isApart(row, next)) continue;
    const step = stepOf(row, kind, pages[index]?.h ?? 0);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const least = Math.max(MIN_FIXED_PAGES, 0.5 * pages.length);
  return new Set([...counts].flatMap(([step, count]) => (count >= least ? [step] : [])));
}

function stepOf(row: Row, kind: Furniture, h: number): number {
  return Math.round((kind === "page_header" ? row.baseline : h - row.baseline) / SAME_HEIGHT);
}

function isApart(row: Row, next: Row | undefined): boolean {
  return (
    !next || Math.max(next.top - row.bottom, row.top - next.bottom) > 0.7 * Math.max(row.size, next.size)
  );
}

/** What browsers print over a page: when it was printed. */
const PRINTED_AT = /^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}, \d{1,2}:\d{2}/;

function isPageNumber(
  row: Row,
  next: Row | undefined,
  { n, h, kind }: Readonly<{ n: number; h: number; kind: Furniture }>,
): boolean {
  if (!isApart(row, next)) return false;
  const isWithin = (margin: number) => row.baseline < margin * h || row.baseline > (1 - margin) * h;
  const text = row.text.trim();
  if (text === String(n) && isWithin(OWN_NUMBER_MARGIN)) return true;
  const isNumberedFooter =
    kind === "page_footer" && text.length <= MAX_NUMBERED_FOOTER && new RegExp(`\\s${n}$`, "u").test(text);
  return isWithin(MARGIN) && (isNumberedFooter || PAGE_NUMBER.test(text) || PRINTED_AT.test(text));
}

/** Lines of turned pages that say the same as headers and footers of other pages. */
export function findTurnedFurniture(
  rotated: readonly Line[],
  found: ReadonlyMap<Line, Furniture>,
): Map<Line, Furniture> {
  const kinds = new Map([...found].map(([line, kind]) => [keyOf(line), kind]));
  return new Map(
    rotated.flatMap((line): [Line, Furniture][] => {
      const kind = kinds.get(keyOf(line));
      return kind === undefined ? [] : [[line, kind]];
    }),
  );
}
