/** What a page shows, as the library tells it and before it is understood. All lengths are hundredths of a point, from the top left. */

/** [left, top, right, bottom] */
export type Box = [left: number, top: number, right: number, bottom: number];

export type FontStyle = Readonly<{ bold: boolean; italic: boolean; mono: boolean }>;

/** A run of characters in one font on one baseline. */
export type Fragment = Readonly<{
  /** In logical order; not blank. */
  text: string;
  box: Box;
  baseline: number;
  /** The size of the font. */
  size: number;
  style: FontStyle;
  isRightToLeft: boolean;
  /** White space stands between this and the fragment before. */
  hasSpaceBefore: boolean;
}>;

/** A thin straight line, horizontal or vertical. */
export type Rule = Readonly<{ isHorizontal: boolean; at: number; from: number; to: number }>;

export type PageContent = Readonly<{
  /** From 1. */
  n: number;
  w: number;
  h: number;
  /** In the order of the content stream. */
  fragments: readonly Fragment[];
  /** Fragments that do not run from left to right or right to left: their text and box. */
  rotated: readonly Fragment[];
  rules: readonly Rule[];
  /** Small filled or drawn shapes: bullets of lists are drawn like this. */
  dots: readonly Box[];
  /** Whether a picture or a drawing covers a part of the page. */
  hasPicture: boolean;
}>;

export function enclose(boxes: readonly Box[]): Box {
  const [first = [0, 0, 0, 0], ...rest] = boxes;
  const all: Box = [...first] as Box;
  for (const [left, top, right, bottom] of rest) {
    all[0] = Math.min(all[0], left);
    all[1] = Math.min(all[1], top);
    all[2] = Math.max(all[2], right);
    all[3] = Math.max(all[3], bottom);
  }
  return all;
}

/** How far two intervals overlap; negative for the gap between them. */
export function overlap(from: number, to: number, otherFrom: number, otherTo: number): number {
  return Math.min(to, otherTo) - Math.max(from, otherFrom);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** The value that half of the weight reaches, of pairs of a value and its weight; 0 without any. */
export function weightedMedian(pairs: readonly (readonly [value: number, weight: number])[]): number {
  let left = pairs.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  for (const [value, weight] of [...pairs].sort((a, b) => a[0] - b[0])) {
    left -= weight;
    if (left < 0) return value;
  }
  return 0;
}

/** The value that weighs most; the smallest of several. */
export function heaviest(weights: ReadonlyMap<number, number>): number {
  let best = 0;
  let most = 0;
  for (const [value, weight] of [...weights].sort((a, b) => a[0] - b[0])) {
    if (weight > most) [best, most] = [value, weight];
  }
  return best;
}
