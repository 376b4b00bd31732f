import { type Box, enclose, type Fragment, overlap } from "./page-content.ts";

/** Fragments on one baseline, in the order in which they are read. `text` joins them. */
export type Line = Readonly<{
  page: number;
  fragments: readonly Fragment[];
  text: string;
  box: Box;
  baseline: number;
  /** Of most of its characters. */
  size: number;
  isBold: boolean;
  isItalic: boolean;
  isMono: boolean;
  isRightToLeft: boolean;
}>;

/** Fragments further apart than this many times their size are not one run of text: a new column or cell begins. */
export const WIDE_GAP = 1.15;

/** A narrower gap is none: letters that were placed one by one. */
const SPACE_GAP = 0.17;

/** A fragment that goes back further than this many times its size begins a new segment. */
const BACKWARD = 0.6;

/** Consecutive fragments that stand beside each other without a wide gap, or that are the words of a justified line. */
export function segmentsOf(fragments: readonly Fragment[]): Fragment[][] {
  return joinJustified(segmentsByGaps(fragments));
}

function segmentsByGaps(fragments: readonly Fragment[]): Fragment[][] {
  const segments: Fragment[][] = [];
  let current: Fragment[] = [];
  for (const fragment of fragments) {
    const before = current.at(-1);
    if (before && continues(before, fragment, current)) current.push(fragment);
    else {
      current = [fragment];
      segments.push(current);
    }
  }
  return segments;
}

function continues(before: Fragment, next: Fragment, segment: readonly Fragment[]): boolean {
  const size = Math.max(before.size, next.size);
  if (!isOnLine(before, next) && !segment.slice(-4).some((earlier) => isOnLine(earlier, next))) return false;
  const gap = Math.max(next.box[0] - before.box[2], before.box[0] - next.box[2]);
  const isBackward = next.box[0] < before.box[0] && !before.isRightToLeft && !next.isRightToLeft;
  if (isBackward && before.box[0] - next.box[0] > BACKWARD * size) return false;
  return gap < WIDE_GAP * size;
}

/** Gaps of a justified line differ less than this many times the size, and its words more. */
const SAME_GAP = 0.1;

/** Joins the segments of a line that are equally far apart although they are not equally long: a narrow column was justified. */
function joinJustified(segments: readonly Fragment[][]): Fragment[][] {
  const joined: Fragment[][] = [];
  for (let at = 0; at < segments.length; ) {
    let end = at + 1;
    while (end < segments.length && isSameRow(segments[end - 1], segments[end])) end += 1;
    const row = segments.slice(at, end);
    if (isJustified(row)) joined.push(row.flat());
    else joined.push(...row);
    at = end;
  }
  return joined;
}

function isSameRow(before: readonly Fragment[] | undefined, next: readonly Fragment[] | undefined): boolean {
  const [last, first] = [before?.at(-1), next?.[0]];
  return (
    last !== undefined &&
    first !== undefined &&
    last.baseline === first.baseline &&
    last.size === first.size &&
    first.box[0] > last.box[2] &&
    first.box[0] - last.box[2] < MAX_JUSTIFIED_GAP * first.size
  );
}

const MAX_JUSTIFIED_GAP = 5;

/** Whether these are the words of a justified line, from left to right. */
export function isJustified(row: readonly (readonly Fragment[])[]): boolean {
  if (row.length < 3) return false;
  const boxes = row.map((segment) => enclose(segment.map(({ box }) => box)));
  const size = row[0]?.[0]?.size ?? 0;
  const gaps = boxes.slice(1).map((box, index) => box[0] - (boxes[index]?.[2] ?? 0));
  const widths = boxes.slice(0, -1).map((box) => box[2] - box[0]);
  const words = row.filter((segment) => segment.some(({ text }) => /\p{L}/u.test(text)));
  return (
    rangeOf(gaps) < SAME_GAP * size &&
    rangeOf(widths) > 3 * SAME_GAP * size &&
    words.length * 4 >= row.length * 3
  );
}

function rangeOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** Whether two fragments stand on one line; one of them may be a superscript or subscript of the other. */
export function isOnLine(first: Fragment, second: Fragment): boolean {
  const [large, small] = first.size >= second.size ? [first, second] : [second, first];
  const rise = large.baseline - small.baseline;
  // Accents and signs of formulas stand higher or lower than the letters beside them.
  const isSign = Math.min(first.text.length, second.text.length) <= 2;
  if (Math.abs(rise) <= (isSign ? 0.4 : 0.25) * large.size) return true;
  return small.size <= 0.9 * large.size && rise > -0.45 * large.size && rise < 0.65 * large.size;
}

/** One line of fragments in any order. */
export function createLine(page: number, fragments: readonly Fragment[]): Line {
  const isMostly = mostOf(fragments);
  const isRightToLeft = isMostly(({ isRightToLeft: is }) => is);
  const ordered = inReadingOrder(fragments, isRightToLeft);
  const main = mainOf(fragments);
  return {
    page,
    fragments: ordered,
    text: joinFragments(ordered),
    box: enclose(fragments.map(({ box }) => box)),
    baseline: main?.baseline ?? 0,
    size: main?.size ?? 0,
    isBold: isMostly(({ style }) => style.bold),
    isItalic: isMostly(({ style }) => style.italic),
    isMono: isMostly(({ style }) => style.mono),
    isRightToLeft,
  };
}

/** The text of fragments that follow each other on a line. */
export function joinFragments(fragments: readonly Fragment[]): string {
  let text = "";
  for (const [index, fragment] of fragments.entries()) {
    const before = fragments[index - 1];
    if (before && hasSpaceBetween(before, fragment)) text += " ";
    text += fragment.text;
  }
  return text;
}

function hasSpaceBetween(before: Fragment, next: Fragment): boolean {
  const gap = Math.max(next.box[0] - before.box[2], before.box[0] - next.box[2]);
  if (next.hasSpaceBefore && gap > 0) return true;
  const size = Math.min(before.size, next.size);
  if (next.isRightToLeft !== before.isRightToLeft && before.hasSpaceBefore && gap > 0.1 * size) return true;
  return gap > SPACE_GAP * size;
}

/** The fragment whose baseline and size are those of most characters. */
function mainOf(fragments: readonly Fragment[]): Fragment | undefined {
  const lengths = new Map<string, { length: number; fragment: Fragment }>();
  let main: { length: number; fragment: Fragment } | undefined;
  for (const fragment of fragments) {
    const key = `${fragment.baseline} ${fragment.size}`;
    const found = lengths.get(key) ?? { length: 0, fragment };
    found.length += fragment.text.length;
    lengths.set(key, found);
    if (main === undefined || found.length > main.length) main = found;
  }
  return main?.fragment;
}

/** Answers for a line whether at least four in five of its letters are in fragments of a kind. */
function mostOf(fragments: readonly Fragment[]): (is: (fragment: Fragment) => boolean) => boolean {
  const letters = fragments.map(({ text }) => text.replace(/[^\p{L}\p{N}]/gu, "").length);
  const total = letters.reduce((sum, count) => sum + count, 0);
  return (is) => {
    const count = fragments.reduce((sum, one, index) => sum + (is(one) ? (letters[index] ?? 0) : 0), 0);
    return total > 0 && count * 5 > total * 4;
  };
}

/** From left to right, or from right to left with the numbers and the words of other scripts in their own order. */
function inReadingOrder(fragments: readonly Fragment[], isRightToLeft: boolean): Fragment[] {
  const visual = [...fragments].sort((a, b) => a.box[0] - b.box[0] || a.box[2] - b.box[2]);
  const isMixed = visual.some((fragment) => fragment.isRightToLeft);
  if (!isMixed) return visual;
  const runs: Fragment[][] = [];
  for (const fragment of visual) {
    const run = runs.at(-1);
    if (run && run[0]?.isRightToLeft === fragment.isRightToLeft) run.push(fragment);
    else runs.push([fragment]);
  }
  const ordered = runs.map((run) => (run[0]?.isRightToLeft ? withSpacesMoved(run.reverse()) : run));
  return (isRightToLeft ? ordered.reverse() : ordered).flat();
}

/** What was before a fragment on the page is behind it when the order is turned. */
function withSpacesMoved(run: readonly Fragment[]): Fragment[] {
  return run.map((fragment, index) => ({
    ...fragment,
    hasSpaceBefore: index > 0 && (run[index - 1]?.hasSpaceBefore ?? false),
  }));
}

/** Lines of segments that are in reading order: neighbours on one baseline are one line. */
export function linesOf(page: number, segments: readonly (readonly Fragment[])[]): Line[] {
  const lines: Fragment[][] = [];
  for (const segment of segments) {
    const current = lines.at(-1);
    const [first] = segment;
    const isSameLine =
      current !== undefined &&
      first !== undefined &&
      current.some(
        (fragment) =>
          isOnLine(fragment, first) && Math.abs(fragment.baseline - first.baseline) < 0.7 * fragment.size,
      ) &&
      isBeside(current, segment);
    if (isSameLine) current.push(...segment);
    else lines.push([...segment]);
  }
  return lines.map((fragments) => createLine(page, fragments));
}

function isBeside(current: readonly Fragment[], segment: readonly Fragment[]): boolean {
  const [left, top, right, bottom] = enclose(current.map(({ box }) => box));
  const box = enclose(segment.map(({ box }) => box));
  const common = overlap(left, right, box[0], box[2]);
  return overlap(top, bottom, box[1], box[3]) > 0 && common <= 0.3 * Math.min(right - left, box[2] - box[0]);
}
