import { cellsOf, findColumnGaps, rowsOfLines } from "./columns.ts";
import { type Box, enclose, type Fragment, overlap, type Rule } from "./page-content.ts";
import type { PdfRules } from "./rules.ts";
import { splitUnruledRows } from "./split-rows.ts";
import { baselinesOf, type PageTable, type TableCell } from "./table.ts";

/** Rules this close are one, and rules this close touch. */
const NEAR = 220;

/** More rules are a drawing. */
const MAX_RULES = 6000;

/** A table and the fragments of the page that it took. */
export type RuledTable = Readonly<{ table: PageTable; taken: readonly Fragment[] }>;

/** The tables of a page that rules show: grids, and rows between horizontal rules. No fragment is in two of them. */
export function findRuledTables(
  page: number,
  rules: readonly Rule[],
  fragments: readonly Fragment[],
  version: PdfRules,
): RuledTable[] {
  if (rules.length > MAX_RULES) return [];
  const horizontal = mergeRules(rules.filter(({ isHorizontal }) => isHorizontal));
  const vertical = mergeRules(rules.filter(({ isHorizontal }) => !isHorizontal));
  const found: RuledTable[] = [];
  let rest = fragments;
  const add = (table: RuledTable | null) => {
    if (!table) return;
    found.push(table);
    const taken = new Set(table.taken);
    rest = rest.filter((fragment) => !taken.has(fragment));
  };
  for (const grid of gridsOf(horizontal, vertical)) add(readGrid(page, grid, rest, version));
  const isFree = ({ at, from, to }: Rule) =>
    found.every(
      ({ table: { box } }) =>
        at < box[1] - NEAR || at > box[3] + NEAR || overlap(box[0], box[2], from, to) < 0,
    );
  for (const stack of stacksOf(horizontal.filter(isFree))) add(readStack(page, stack, rest));
  return found;
}

/** Rules on one line that touch or overlap, as one. */
function mergeRules(rules: readonly Rule[]): Rule[] {
  const sorted = [...rules].sort((a, b) => a.at - b.at || a.from - b.from);
  const merged: Rule[] = [];
  let start = 0;
  for (const rule of sorted) {
    while (start < merged.length && (merged[start]?.at ?? 0) < rule.at - NEAR) start += 1;
    const index = merged.findIndex(
      (other, place) =>
        place >= start &&
        Math.abs(other.at - rule.at) <= NEAR &&
        overlap(other.from, other.to, rule.from, rule.to) >= -NEAR,
    );
    const other = merged[index];
    if (other)
      merged[index] = { ...other, from: Math.min(other.from, rule.from), to: Math.max(other.to, rule.to) };
    else merged.push(rule);
  }
  return merged;
}

type Grid = { horizontal: Rule[]; vertical: Rule[] };

/** Rules that cross each other, directly or by others. */
function gridsOf(horizontal: readonly Rule[], vertical: readonly Rule[]): Grid[] {
  const groupOf = new Map<Rule, number>();
  let groups = 0;
  const left = new Set([...horizontal, ...vertical]);
  for (const first of [...horizontal, ...vertical]) {
    if (!left.delete(first)) continue;
    const open = [first];
    for (let rule = open.pop(); rule; rule = open.pop()) {
      groupOf.set(rule, groups);
      for (const other of left) {
        if (!crosses(rule, other)) continue;
        left.delete(other);
        open.push(other);
      }
    }
    groups += 1;
  }
  const ofGroup = (rules: readonly Rule[], group: number) =>
    rules.filter((rule) => groupOf.get(rule) === group);
  return Array.from({ length: groups }, (_, group) => ({
    horizontal: ofGroup(horizontal, group),
    vertical: ofGroup(vertical, group),
  })).filter((grid) => grid.horizontal.length >= 2 && grid.vertical.length >= 1);
}

function crosses(a: Rule, b: Rule): boolean {
  if (a.isHorizontal === b.isHorizontal) return false;
  return a.at >= b.from - NEAR && a.at <= b.to + NEAR && b.at >= a.from - NEAR && b.at <= a.to + NEAR;
}

/** Fewer filled cells are a frame around text. */
const MIN_FILLED = 3;

/** A grid with less in it is a diagram or an empty form. */
const MIN_FILLED_SHARE = 0.25;

function readGrid(
  page: number,
  { horizontal, vertical }: Grid,
  fragments: readonly Fragment[],
  version: PdfRules,
): RuledTable | null {
  const [left, right] = extentOf(horizontal);
  const [top, bottom] = extentOf(vertical);
  const inside = fragments.filter(({ box }) => isInside(box, [left, top, right, bottom]));
  const xs = linesOf([...vertical.map(({ at }) => at), ...openSides(left, right, vertical, inside, 0)]);
  const ys = linesOf([...horizontal.map(({ at }) => at), ...openSides(top, bottom, horizontal, inside, 1)]);
  const [cols, rows] = [xs.length - 1, ys.length - 1];
  if (cols < 1 || rows < 1 || cols * rows < 2 || cols * rows > 20_000) return null;
  const cells = mergeCells(xs, ys, horizontal, vertical);
  const filled = fillCells(cells, inside, xs, ys, cols);
  const count = filled.filter((cell) => cell.fragments.length > 0).length;
  const columns = new Set(filled.filter((cell) => cell.fragments.length > 0).map(({ c }) => c)).size;
  if (count < MIN_FILLED || columns < 2 || rows < 2 || count < MIN_FILLED_SHARE * filled.length) return null;
  const box: Box = [xs[0] ?? 0, ys[0] ?? 0, xs.at(-1) ?? 0, ys.at(-1) ?? 0];
  const split = version >= 4 ? splitUnruledRows(rows, filled, xs) : { rows, cells: filled };
  return { table: { page, box, cols, ...split, isDoubtful: false }, taken: inside };
}

function extentOf(rules: readonly Rule[]): [number, number] {
  return [Math.min(...rules.map(({ from }) => from)), Math.max(...rules.map(({ to }) => to))];
}

/** The ends of the crossing rules are the sides of a table that has no rules there, where text stands beyond the last rule. */
function openSides(
  from: number,
  to: number,
  rules: readonly Rule[],
  inside: readonly Fragment[],
  axis: 0 | 1,
): number[] {
  const places = rules.map(({ at }) => at);
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const middles = inside.map(({ box }) => (axis === 0 ? box[0] + box[2] : box[1] + box[3]) / 2);
  const isText = (start: number, end: number) => middles.some((middle) => middle > start && middle < end);
  return [
    ...(first - from > 2 * NEAR && isText(from, first) ? [from] : []),
    ...(to - last > 2 * NEAR && isText(last, to) ? [to] : []),
  ];
}

/** Sorted places, those close to each other once. */
function linesOf(places: readonly number[]): number[] {
  const lines: number[] = [];
  for (const place of [...places].sort((a, b) => a - b)) {
    const last = lines.at(-1);
    if (last === undefined || place - last > NEAR) lines.push(place);
  }
  return lines;
}

type Span = { r: number; c: number; rs: number; cs: number };

/** The places of a grid, those joined that no rule parts. */
function mergeCells(
  xs: readonly number[],
  ys: readonly number[],
  horizontal: readonly Rule[],
  vertical: readonly Rule[],
): Span[] {
  const [cols, rows] = [xs.length - 1, ys.length - 1];
  const hasWall = (rules: readonly Rule[], at: number, from: number, to: number) =>
    rules.some(
      (rule) => Math.abs(rule.at - at) <= NEAR && overlap(rule.from, rule.to, from, to) * 2 > to - from,
    );
  const right = (r: number, c: number) => hasWall(vertical, xs[c + 1] ?? 0, ys[r] ?? 0, ys[r + 1] ?? 0);
  const below = (r: number, c: number) => hasWall(horizontal, ys[r + 1] ?? 0, xs[c] ?? 0, xs[c + 1] ?? 0);
  const taken = new Uint8Array(rows * cols);
  const spans: Span[] = [];
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < cols; c += 1) {
      if (taken[r * cols + c] === 1) continue;
      let cs = 1;
      while (c + cs < cols && taken[r * cols + c + cs] === 0 && !right(r, c + cs - 1)) cs += 1;
      let rs = 1;
      const isOpenBelow = (row: number) =>
        Array.from({ length: cs }, (_, k) => c + k).every(
          (k) => !below(row, k) && taken[(row + 1) * cols + k] === 0,
        );
      while (r + rs < rows && isOpenBelow(r + rs - 1)) rs += 1;
      for (let row = r; row < r + rs; row += 1) taken.fill(1, row * cols + c, row * cols + c + cs);
      spans.push({ r, c, rs, cs });
    }
  }
  return spans;
}

function fillCells(
  spans: readonly Span[],
  inside: readonly Fragment[],
  xs: readonly number[],
  ys: readonly number[],
  cols: number,
): TableCell[] {
  const owner = new Map<number, number>();
  for (const [index, { r, c, rs, cs }] of spans.entries()) {
    for (let row = r; row < r + rs; row += 1)
      for (let k = c; k < c + cs; k += 1) owner.set(row * cols + k, index);
  }
  const content: Fragment[][] = spans.map(() => []);
  for (const fragment of inside) {
    const r = indexOf(ys, (fragment.box[1] + fragment.box[3]) / 2);
    const ownerAt = (c: number) => owner.get(r * cols + c) ?? -1;
    // Within a cell that spans columns there is no rule to cut at.
    const walls = xs.filter((_, c) => ownerAt(c - 1) !== ownerAt(c));
    for (const piece of splitAt(fragment, walls)) {
      content[ownerAt(indexOf(xs, (piece.box[0] + piece.box[2]) / 2))]?.push(piece);
    }
  }
  return spans.map((span, index) => ({ ...span, fragments: content[index] ?? [] }));
}

function indexOf(lines: readonly number[], place: number): number {
  const index = lines.filter((line) => line <= place).length - 1;
  return Math.min(Math.max(0, index), lines.length - 2);
}

/** A run of text that goes over a rule was written into two cells: it is cut at a space near the rule. */
function splitAt(fragment: Fragment, xs: readonly number[]): Fragment[] {
  const [left, top, right, bottom] = fragment.box;
  const cut = xs.find((x) => x > left + fragment.size && x < right - fragment.size);
  const length = fragment.text.length;
  if (cut === undefined || fragment.isRightToLeft) return [fragment];
  const at = Math.round(((cut - left) / (right - left)) * length);
  const spaces = [fragment.text.lastIndexOf(" ", at), fragment.text.indexOf(" ", at)].filter(
    (place) => place > 0,
  );
  const space = spaces.sort((a, b) => Math.abs(a - at) - Math.abs(b - at))[0];
  if (space === undefined || Math.abs(space - at) > 3) return [fragment];
  const head: Fragment = {
    ...fragment,
    text: fragment.text.slice(0, space).trim(),
    box: [left, top, cut, bottom],
  };
  const tail: Fragment = {
    ...fragment,
    text: fragment.text.slice(space).trim(),
    box: [cut, top, right, bottom],
  };
  return head.text === "" || tail.text === "" ? [fragment] : [head, ...splitAt(tail, xs)];
}

function isInside(box: Box, [left, top, right, bottom]: Box): boolean {
  const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return x > left - NEAR && x < right + NEAR && y > top - NEAR && y < bottom + NEAR;
}

/** Horizontal rules of the same extent below each other, as tables without vertical rules have them. */
function stacksOf(rules: readonly Rule[]): Rule[][] {
  const stacks: Rule[][] = [];
  for (const rule of [...rules].sort((a, b) => a.at - b.at)) {
    const stack = stacks.find((other) => {
      const last = other.at(-1);
      return last && Math.abs(last.from - rule.from) <= NEAR && Math.abs(last.to - rule.to) <= NEAR;
    });
    if (stack) stack.push(rule);
    else stacks.push([rule]);
  }
  return stacks.filter((stack) => stack.length >= 2);
}

/** The names of columns stand above the first rule not further than this many times their size. */
const MAX_HEADER = 2;

/** Rules further apart than this do not belong to one table. */
const MAX_BAND = 40_000;

/** The rows between the first and the last rule, in columns that most of them show. */
function readStack(page: number, stack: readonly Rule[], fragments: readonly Fragment[]): RuledTable | null {
  const [from, to] = extentOf(stack);
  const all = bandsOf(stack, fragments, from, to);
  if (all.length === 0) return null;
  const gaps = findColumnGaps(all.flat());
  if (gaps.length === 0) return null;
  const isRowEach = all.length >= 3;
  const rows = all.flatMap((lines) =>
    isRowEach && lines.length > 1 && isWrapped(lines, gaps) ? [lines.flat()] : rowsOfLines(lines, gaps),
  );
  const cells = cellsOf(rows, gaps);
  const isShared =
    rows.filter((_, r) => cells.filter((cell) => cell.r === r).length >= 2).length * 5 >= rows.length * 3;
  if (rows.length < 2 || !isShared) return null;
  const top = stack[0]?.at ?? 0;
  const inside = all.flat(2);
  const box = enclose([[from, top, to, top], ...inside.map((fragment) => fragment.box)]);
  return {
    table: { page, box, rows: rows.length, cols: gaps.length + 1, cells, isDoubtful: false },
    taken: inside,
  };
}

/** Whether the lines between two rules are one row: not every line begins in the first column. */
function isWrapped(lines: readonly (readonly Fragment[])[], gaps: readonly number[]): boolean {
  const first = gaps[0] ?? 0;
  return (
    lines.slice(1).some((line) => line.every(({ box }) => box[0] > first)) ||
    lines.every((line) => line.length === 1)
  );
}

/** The lines of text above each rule; above the first one only a line that may name the columns. */
function bandsOf(
  stack: readonly Rule[],
  fragments: readonly Fragment[],
  from: number,
  to: number,
): Fragment[][][] {
  const inExtent = fragments.filter(({ box }) => box[0] > from - 2 * NEAR && box[2] < to + 2 * NEAR);
  const bands: Fragment[][][] = [];
  for (const [index, { at }] of stack.entries()) {
    const above = stack[index - 1]?.at;
    if (above !== undefined && at - above > MAX_BAND) continue;
    const inside = inExtent.filter(({ box, size }) => {
      const middle = (box[1] + box[3]) / 2;
      return middle > (above ?? at - MAX_HEADER * size) && middle < at;
    });
    const lines = baselinesOf(inside);
    if (above === undefined) {
      const line = lines.at(-1);
      if (line && line.length >= 2 && stack.length >= 3) bands.push([line]);
    } else if (lines.length > 0) bands.push(lines);
  }
  return bands;
}
