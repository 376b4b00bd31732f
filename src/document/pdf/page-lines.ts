import { createLine, type Line, linesOf, segmentsOf } from "./lines.ts";
import { enclose, type Fragment, type PageContent } from "./page-content.ts";
import { inReadingOrder, type Unit } from "./reading-order.ts";
import { findRuledTables, type RuledTable } from "./ruled-tables.ts";
import type { PdfRules } from "./rules.ts";
import type { PageTable } from "./table.ts";

export type TableOrLine =
  | Readonly<{ table: PageTable; line?: undefined }>
  | Readonly<{ line: Line; table?: undefined }>;

/** A page as lines and tables in reading order, and its text that runs in another direction. */
export type PageLines = Readonly<{
  page: PageContent;
  items: readonly TableOrLine[];
  rotated: readonly Line[];
}>;

export function readPageLines(page: PageContent, rules: PdfRules): PageLines {
  const tables = findRuledTables(page.n, page.rules, page.fragments, rules);
  const units = inReadingOrder(unitsOf(page, tables), rules);
  const items: TableOrLine[] = [];
  let segments: (readonly Fragment[])[] = [];
  const takeLines = () => {
    const lines = linesOf(page.n, segments);
    const typed = rules >= 4 ? lines.map(asCodeOfSigns) : lines;
    items.push(...typed.map((line) => ({ line: rules === 2 ? line : asNumberedCode(line) })));
    segments = [];
  };
  for (const { content } of units) {
    if (Array.isArray(content)) segments.push(content);
    else {
      takeLines();
      items.push({ table: content as PageTable });
    }
  }
  takeLines();
  return { page, items, rotated: rotatedLines(page) };
}

/** A small number before text in a fixed width counts the lines of a listing: the line has the size of its code. */
function asNumberedCode(line: Line): Line {
  const [number, ...code] = line.fragments;
  const [first] = code;
  const isNumbered =
    number !== undefined &&
    /^\d{1,5}$/.test(number.text) &&
    code.every(({ style, size }) => style.mono && number.size < 0.85 * size);
  return isNumbered && first ? { ...line, isMono: true, size: first.size, baseline: first.baseline } : line;
}

/** A line of signs alone, such as a bracket, is code if all its signs are of a fixed width. */
function asCodeOfSigns(line: Line): Line {
  const isOfSigns = !/[\p{L}\p{N}]/u.test(line.text) && line.fragments.every(({ style }) => style.mono);
  return isOfSigns ? { ...line, isMono: true } : line;
}

function unitsOf(page: PageContent, tables: readonly RuledTable[]): Unit<PageTable | Fragment[]>[] {
  const tableOf = new Map(
    tables.flatMap(({ table, taken }) => taken.map((fragment) => [fragment, table] as const)),
  );
  const units: Unit<PageTable | Fragment[]>[] = [];
  const placed = new Set<PageTable>();
  for (const segment of segmentsOfText(page.fragments, tableOf, (table) => {
    if (placed.has(table)) return;
    placed.add(table);
    units.push({ box: table.box, size: 1000, chars: 0, isWhole: true, content: table });
  })) {
    units.push(segment);
  }
  return units;
}

/** Segments of the text outside tables; `onTable` is called where the stream comes to a table. */
function* segmentsOfText(
  fragments: readonly Fragment[],
  tableOf: ReadonlyMap<Fragment, PageTable>,
  onTable: (table: PageTable) => void,
): Generator<Unit<Fragment[]>> {
  let run: Fragment[] = [];
  for (const fragment of fragments) {
    const table = tableOf.get(fragment);
    if (!table) {
      run.push(fragment);
      continue;
    }
    yield* segmentsOf(run).map(unitOf);
    run = [];
    onTable(table);
  }
  yield* segmentsOf(run).map(unitOf);
}

function unitOf(segment: Fragment[]): Unit<Fragment[]> {
  return {
    box: enclose(segment.map(({ box }) => box)),
    size: Math.max(...segment.map(({ size }) => size)),
    chars: segment.reduce((sum, { text }) => sum + text.length, 0),
    isWhole: false,
    content: segment,
  };
}

/** Rotated text as the stream has it: what follows on one baseline is one line. */
function rotatedLines({ n, rotated }: PageContent): Line[] {
  const lines: Fragment[][] = [];
  for (const fragment of rotated) {
    const line = lines.at(-1);
    if (line && line[0]?.baseline === fragment.baseline) line.push(fragment);
    else lines.push([fragment]);
  }
  return lines.map((fragments) => {
    const text = fragments
      .map((fragment, index) => (index > 0 && fragment.hasSpaceBefore ? ` ${fragment.text}` : fragment.text))
      .join("");
    return { ...createLine(n, fragments), text };
  });
}
