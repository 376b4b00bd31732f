import { enclose, type Fragment } from "./page-content.ts";
import { baselinesOf, type TableCell } from "./table.ts";

/** Fewer lines beside each other may be two cells whose texts were broken at the same place. */
const MIN_LINES = 3;

/** Lines on one baseline differ by less than this many times their size. */
const SAME_BASELINE = 0.3;

type Place = Readonly<{ cell: TableCell; left: number; right: number; lines: readonly Fragment[][] }>;

/**
 * Rows of a grid in which no rules part the lines: tables often have rules only around groups of rows. A row is split at its lines
 * where all cells have theirs on the baselines of the first cell, and most would have had room in the line above.
 */
export function splitUnruledRows(
  rows: number,
  cells: readonly TableCell[],
  xs: readonly number[],
): { rows: number; cells: TableCell[] } {
  const placed = placesByRow(cells, xs);
  /** How many rows each row becomes. */
  const counts = Array.from({ length: rows }, (_, r) => splitOf(placed[r] ?? []));
  if (counts.every((count) => count === 1)) return { rows, cells: [...cells] };
  const starts = [0];
  for (const count of counts) starts.push((starts.at(-1) ?? 0) + count);
  const startOf = (r: number) => starts[r] ?? 0;
  const linesOf = new Map(placed.flatMap((places = []) => places.map(({ cell, lines }) => [cell, lines])));
  const split = cells.flatMap((cell): TableCell[] => {
    const [start, end] = [startOf(cell.r), startOf(cell.r + cell.rs)];
    if (cell.rs > 1 || end - start === 1) return [{ ...cell, r: start, rs: end - start }];
    const lead = placed[cell.r]?.[0]?.lines ?? [];
    const lines = linesOf.get(cell) ?? [];
    return lead.map((line, index) => ({
      ...cell,
      r: start + index,
      fragments: lines.filter((own) => isBeside(own, line)).flat(),
    }));
  });
  return { rows: startOf(rows), cells: split.sort((a, b) => a.r - b.r || a.c - b.c) };
}

/** The cells of one row with text in them, by their row. */
function placesByRow(cells: readonly TableCell[], xs: readonly number[]): Place[][] {
  const placed: Place[][] = [];
  for (const cell of cells) {
    if (cell.rs > 1 || cell.fragments.length === 0) continue;
    placed[cell.r] ??= [];
    placed[cell.r]?.push({
      cell,
      left: xs[cell.c] ?? 0,
      right: xs[cell.c + cell.cs] ?? 0,
      lines: baselinesOf(cell.fragments),
    });
  }
  return placed;
}

function splitOf(places: readonly Place[]): number {
  const [lead, ...others] = places;
  const count = lead?.lines.length ?? 0;
  if (!lead || others.length === 0 || count < MIN_LINES) return 1;
  const isInRows = others.every(({ lines }) =>
    lines.every((line) => lead.lines.some((first) => isBeside(line, first))),
  );
  const areMany = others.some(({ lines }) => lines.length >= MIN_LINES);
  return isInRows && areMany && showRows(places, count) && places.every(isUnbroken) ? count : 1;
}

const MAX_NAME_CHARS = 12;

/**
 * Whether lines are rows and not the lines of addresses and forms, which stand beside each other too: a column has the same kind of
 * value in each line, or all of three columns or more have as many lines, of which the first are single short words.
 */
function showRows(places: readonly Place[], count: number): boolean {
  const full = places.filter(({ lines }) => lines.length === count).map(({ lines }) => lines.map(textOf));
  if (full.some(areValuesOfOneKind)) return true;
  const [names = []] = full;
  return (
    places.length >= 3 &&
    full.length === places.length &&
    names.every((name) => name.length <= MAX_NAME_CHARS && !/\s/.test(name))
  );
}

function textOf(line: readonly Fragment[]): string {
  return line
    .toSorted((a, b) => a.box[0] - b.box[0])
    .map(({ text }) => text)
    .join(" ")
    .trim();
}

/** A number with its signs. */
const NUMBER = /^[^\p{L}\p{N}]{0,2}[-−+]?\p{N}\S{0,14}$/u;

const UNIT = /^(?:%|\p{Sc}|\p{L}{1,3})$/u;

/** Capital letters, or letters with a number: `G38.2`, `G54-G59.3`. */
const CODE = /^(?:\p{Lu}{1,3}|\p{L}{1,3}\p{N}[\p{L}\p{N}.-]{0,12})$/u;

/** Numbers that differ in nothing but their figures, or codes: a house number, a post code and a telephone number differ in more. */
function areValuesOfOneKind(texts: readonly string[]): boolean {
  const kinds = new Set(texts.map(kindOf));
  return kinds.size === 1 && !kinds.has(null);
}

/** The kind of a number with its unit or of several codes, such as `G2, G3` or `M62 - M65`; null for other texts. */
function kindOf(text: string): string | null {
  const parts = text.split(/\s*,(?=\s|\p{L})\s*|\s+(?:[-–]\s+)?/u);
  if (parts.every((part) => CODE.test(part))) return "code";
  if (!parts.some((part) => NUMBER.test(part))) return null;
  if (!parts.every((part) => NUMBER.test(part) || UNIT.test(part))) return null;
  const kinds = parts.map((part) => part.replaceAll(/[-−+]?\p{N}[\p{N}.,]*/gu, "0").toLowerCase());
  return [...new Set(kinds)].join(" ");
}

function isBeside(line: readonly Fragment[], other: readonly Fragment[]): boolean {
  const [a, b] = [line[0], other[0]];
  return a !== undefined && b !== undefined && Math.abs(a.baseline - b.baseline) < SAME_BASELINE * a.size;
}

/** The share of lines whose first word would have had room behind the line above: none in a cell that is too narrow for its text. */
const MIN_ROOM_SHARE = 0.5;

/** Whether a column was not broken. It is as wide as its longest text, so words that stand alone in all lines need no room. */
function isUnbroken({ left, right, lines }: Place): boolean {
  if (lines.every((line) => line.length === 1 && !/\s/.test(line[0]?.text ?? ""))) return true;
  const below = lines.slice(1);
  const fitting = below.filter((line, index) => hasRoom(lines[index] ?? [], line, [left, right]));
  return fitting.length >= MIN_ROOM_SHARE * below.length;
}

function hasRoom(
  above: readonly Fragment[],
  line: readonly Fragment[],
  [left, right]: readonly [left: number, right: number],
): boolean {
  const box = enclose(above.map((fragment) => fragment.box));
  const first = line.reduce((least, one) => (one.box[0] < least.box[0] ? one : least));
  const word = first.text.search(/\s/);
  const width = (first.box[2] - first.box[0]) * (word < 0 ? 1 : word / first.text.length);
  const margin = Math.min(Math.max(first.box[0], box[0]) - left, first.size);
  return right - left - (box[2] - box[0]) - margin > width + first.size;
}
