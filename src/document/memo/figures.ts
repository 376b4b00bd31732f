import type { Memo } from "../schema.ts";
import { NOT_A_FIGURE, patternOfFigures } from "./figure-pattern.ts";

export type FigureKind = Memo["figures"][number]["kind"];

/** Offsets count from the start of the text searched. */
export type Figure = { kind: FigureKind; start: number; end: number };

/** Compiled when it is first needed: it is large, and most processes never need it. */
let pattern: RegExp | null = null;

const KINDS: readonly FigureKind[] = ["date", "money", "number"];

const DIGIT = /\p{Nd}|[〇一二三四五六七八九十]/u;

/** The number of a section, at the start of its heading. */
const SECTION_NUMBER = /^\s*(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3})*[.):]?(?=\s|$)|§.*?(?=\s|$))/u;

/**
 * Dates, amounts of money and other numbers of at least two digits or with a unit, in order, none inside another and none
 * out of a part of a longer number. Numbers of sections, pages, versions and the like are no figures.
 */
export function* findFigures(text: string, { isHeading = false } = {}): Generator<Figure> {
  if (!DIGIT.test(text)) return;
  const first = isHeading ? (SECTION_NUMBER.exec(text)?.[0].length ?? 0) : 0;
  pattern ??= patternOfFigures();
  for (const { 0: found, index, groups } of text.matchAll(pattern)) {
    if (groups?.[NOT_A_FIGURE] !== undefined || index < first) continue;
    const kind = KINDS.find((name) => groups?.[name] !== undefined);
    if (kind) yield { kind, start: index, end: index + found.trimEnd().length };
  }
}
