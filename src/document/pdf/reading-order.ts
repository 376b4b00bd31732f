import { type Box, enclose, median, overlap, weightedMedian } from "./page-content.ts";
import type { PdfRules } from "./rules.ts";

/** Something that is read as a whole: a segment of a line, or a table. */
export type Unit<Content> = Readonly<{
  box: Box;
  size: number;
  chars: number;
  isWhole: boolean;
  content: Content;
}>;

/** A page whose stream goes back more often than this share of its units is cut instead. */
const MAX_BACKWARD_SHARE = 0.04;

/** Units beside each other at least this many times their size apart may belong to two columns. */
const MIN_GUTTER = 0.9;

/** Text columns have lines of at least so many characters on both sides; those of tables are shorter. */
const COLUMN_LINE_CHARS = 18;

/** The units of a page in reading order: that of the stream, unless the page contradicts it. */
export function inReadingOrder<Content>(units: readonly Unit<Content>[], rules: PdfRules): Unit<Content>[] {
  return isStreamOrdered(units, rules) ? [...units] : cut(units, 0, rules);
}

function isStreamOrdered(units: readonly Unit<unknown>[], rules: PdfRules): boolean {
  let backward = 0;
  for (let index = 1; index < units.length; index += 1) {
    const [before, next] = [units[index - 1], units[index]];
    if (before && next && isBackward(before, next, rules)) backward += 1;
  }
  return backward <= MAX_BACKWARD_SHARE * units.length;
}

/** Upward, or leftward as between two columns that are written line by line, and not to the top of a column further right. */
function isBackward(
  { box: a, size }: Unit<unknown>,
  { box: b, chars }: Unit<unknown>,
  rules: PdfRules,
): boolean {
  const isSameLine = overlap(a[1], a[3], b[1], b[3]) > 0.5 * Math.min(a[3] - a[1], b[3] - b[1]);
  if (isSameLine) return b[0] < a[0] - size;
  const isAbove = b[3] <= a[1] + 0.3 * size;
  if (isAbove) return b[0] < a[2] - size;
  // A marker of a list or a prompt before code begins a line, and is no line of a column.
  return b[2] < a[0] && !(rules >= 4 && chars < MIN_LINE_CHARS);
}

const MIN_LINE_CHARS = 5;

const MAX_DEPTH = 40;

/** Cuts into columns where there is a gutter, and reads one after the other; else from top to bottom. */
function cut<Content>(units: readonly Unit<Content>[], depth: number, rules: PdfRules): Unit<Content>[] {
  if (units.length < 2 || depth > MAX_DEPTH) return [...units];
  for (const gutter of guttersOf(units)) {
    const bands = bandsOf(units, gutter, rules);
    if (bands === null) continue;
    return bands.flatMap((band) =>
      band.isSplit
        ? [...cut(band.left, depth + 1, rules), ...cut(band.right, depth + 1, rules)]
        : band.units.length === units.length
          ? inRows(band.units)
          : cut(band.units, depth + 1, rules),
    );
  }
  return inRows(units);
}

/** From top to bottom, and from left to right within a row. */
function inRows<Content>(units: readonly Unit<Content>[]): Unit<Content>[] {
  const sorted = [...units].sort((a, b) => a.box[1] - b.box[1] || a.box[0] - b.box[0]);
  const rows: { top: number; bottom: number; units: Unit<Content>[] }[] = [];
  for (const unit of sorted) {
    const row = rows.at(-1);
    const [, top, , bottom] = unit.box;
    if (
      row &&
      overlap(row.top, row.bottom, top, bottom) > 0.5 * Math.min(row.bottom - row.top, bottom - top)
    ) {
      row.units.push(unit);
      // A tall unit does not draw in all that stands beside it.
      if (!unit.isWhole) row.bottom = Math.max(row.bottom, Math.min(bottom, row.bottom + unit.size));
    } else
      rows.push({ top, bottom: unit.isWhole ? Math.min(bottom, top + unit.size) : bottom, units: [unit] });
  }
  return rows.flatMap((row) => row.units.sort((a, b) => a.box[0] - b.box[0]));
}

const BIN = 100;
const MAX_CANDIDATES = 4;

/** Places between two columns, the most likely first: each pair of units beside each other speaks for the gap between them. */
function guttersOf(units: readonly Unit<unknown>[]): number[] {
  const region = enclose(units.map(({ box }) => box));
  const bins = new Int32Array(Math.max(1, Math.ceil((region[2] - region[0]) / BIN) + 1));
  for (const [a, b] of neighboursOf(units)) {
    const [from, to] = [a.box[2], b.box[0]];
    if (to - from < MIN_GUTTER * Math.min(a.size, b.size)) continue;
    for (let bin = Math.ceil((from - region[0]) / BIN); bin * BIN + region[0] <= to; bin += 1)
      bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const candidates: number[] = [];
  for (let count = 0; count < MAX_CANDIDATES; count += 1) {
    let best = 0;
    for (const [bin, votes] of bins.entries()) if (votes > (bins[best] ?? 0)) best = bin;
    const votes = bins[best] ?? 0;
    if (votes < 2) break;
    let end = best;
    while ((bins[end + 1] ?? 0) === votes) end += 1;
    candidates.push(region[0] + ((best + end) >> 1) * BIN);
    for (let bin = best; bin <= end; bin += 1) bins[bin] = 0;
    for (let bin = best - 1; (bins[bin] ?? 0) > 0; bin -= 1) bins[bin] = 0;
    for (let bin = end + 1; (bins[bin] ?? 0) > 0; bin += 1) bins[bin] = 0;
  }
  return candidates;
}

/** Each unit with the nearest one that begins to the right of it on the same height. */
function* neighboursOf(units: readonly Unit<unknown>[]): Generator<[Unit<unknown>, Unit<unknown>]> {
  const byTop = [...units].sort((a, b) => a.box[1] - b.box[1]);
  for (const [index, unit] of byTop.entries()) {
    if (unit.isWhole) continue;
    let nearest: Unit<unknown> | undefined;
    const consider = (other: Unit<unknown>) => {
      const isBeside = overlap(unit.box[1], unit.box[3], other.box[1], other.box[3]) > 0.3 * unit.size;
      if (isBeside && other.box[0] >= unit.box[2] && (!nearest || other.box[0] < nearest.box[0]))
        nearest = other;
    };
    for (let at = index + 1; at < byTop.length; at += 1) {
      const other = byTop[at];
      if (!other || other.box[1] > unit.box[3]) break;
      consider(other);
    }
    for (let at = index - 1; at >= 0 && at > index - 60; at -= 1) {
      const other = byTop[at];
      if (other) consider(other);
    }
    if (nearest) yield [unit, nearest];
  }
}

type Band<Content> =
  | { isSplit: true; left: Unit<Content>[]; right: Unit<Content>[] }
  | { isSplit: false; units: Unit<Content>[] };

/** The bands that a gutter cuts a region into, from top to bottom; null where it is no gutter of text columns. */
function bandsOf<Content>(
  units: readonly Unit<Content>[],
  gutter: number,
  rules: PdfRules,
): Band<Content>[] | null {
  const sorted = [...units].sort((a, b) => a.box[1] - b.box[1] || a.box[0] - b.box[0]);
  const crosses = ({ box, size }: Unit<Content>) =>
    box[0] < gutter - 0.2 * size && box[2] > gutter + 0.2 * size;
  const groups: { isCrossing: boolean; units: Unit<Content>[]; bottom: number }[] = [];
  let conflicts = 0;
  for (const unit of sorted) {
    const isCrossing = crosses(unit);
    const group = groups.at(-1);
    if (group?.isCrossing === isCrossing) {
      group.units.push(unit);
      group.bottom = Math.max(group.bottom, unit.box[3]);
      continue;
    }
    if (group && group.bottom > unit.box[1] + 0.5 * unit.size) conflicts += 1;
    groups.push({ isCrossing, units: [unit], bottom: unit.box[3] });
  }
  if (conflicts > 0.05 * units.length) return null;
  const bands = groups.map((group): Band<Content> => {
    if (group.isCrossing) return { isSplit: false, units: group.units };
    const left = group.units.filter(({ box }) => box[0] + box[2] < 2 * gutter);
    const right = group.units.filter(({ box }) => box[0] + box[2] >= 2 * gutter);
    if (left.length === 0 || right.length === 0 || !areTextColumns(left, right, rules))
      return { isSplit: false, units: group.units };
    return { isSplit: true, left, right };
  });
  return bands.some(({ isSplit }) => isSplit) ? joinUnsplit(bands) : null;
}

function joinUnsplit<Content>(bands: readonly Band<Content>[]): Band<Content>[] {
  const joined: Band<Content>[] = [];
  for (const band of bands) {
    const last = joined.at(-1);
    if (!band.isSplit && last && !last.isSplit) last.units.push(...band.units);
    else joined.push(band);
  }
  return joined;
}

/** The cells of a table stand in rows and are short; lines of columns are long, or do not stand beside each other. */
function areTextColumns(
  left: readonly Unit<unknown>[],
  right: readonly Unit<unknown>[],
  rules: PdfRules,
): boolean {
  const isLong = (units: readonly Unit<unknown>[]) =>
    units.some(({ isWhole }) => isWhole) || usual(units, ({ chars }) => chars, rules) >= COLUMN_LINE_CHARS;
  if (isLong(left) && isLong(right))
    return (isFilled(left, rules) && isFilled(right, rules)) || !areInRows(left, right);
  if (left.length < 2 || right.length < 2) return false;
  return !areInRows(left, right);
}

/** Most lines of running text are as long as their column is wide. */
function isFilled(units: readonly Unit<unknown>[], rules: PdfRules): boolean {
  const [left, , right] = enclose(units.map(({ box }) => box));
  return units.length >= 2 && usual(units, ({ box }) => box[2] - box[0], rules) >= 0.75 * (right - left);
}

/** The median of a measure. Units count by their characters, so that the words in a figure do not hide the text below it. */
function usual(
  units: readonly Unit<unknown>[],
  measure: (unit: Unit<unknown>) => number,
  rules: PdfRules,
): number {
  return rules === 2
    ? median(units.map(measure))
    : weightedMedian(units.map((unit) => [measure(unit), unit.chars]));
}

function areInRows(left: readonly Unit<unknown>[], right: readonly Unit<unknown>[]): boolean {
  const [few, many] = left.length < right.length ? [left, right] : [right, left];
  const inRow = few.filter(({ box, size }) =>
    many.some(
      (other) =>
        Math.abs(other.box[3] - box[3]) < 0.25 * size || Math.abs(other.box[1] - box[1]) < 0.25 * size,
    ),
  );
  return inRow.length * 2 > few.length;
}
