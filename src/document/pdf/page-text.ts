import { PLAIN } from "./font-style.ts";
import type { Box, FontStyle, Fragment } from "./page-content.ts";

/** A text item as pdf.js gives it: a run of characters, its matrix on the page, and its extent along the baseline. */
export type TextItem = Readonly<{
  str: string;
  dir: string;
  transform: readonly number[];
  width: number;
  height: number;
  fontName: string;
}>;

type TextStyle = Readonly<{ ascent: number; descent: number }>;

export type TextFonts = Readonly<{
  styles: Readonly<Record<string, TextStyle>>;
  /** Null for a font whose characters are parts of a drawing. */
  fonts: ReadonlyMap<string, FontStyle | null>;
}>;

/** A matrix as PDF writes it: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The same text drawn twice in almost the same place: bold is imitated like that. */
const SAME_PLACE = 0.12;

/** Text beyond this has no meaning, and its coordinates would not stay exact. */
const MAX_COORDINATE = 1e7;

/** The characters of fonts that are no letters: bullets of Word and of TeX, in the private use area. */
const SYMBOLS: Readonly<Record<string, string>> = {
  "\uf0b7": "•",
  "\uf0a7": "▪",
  "\uf0d8": "➢",
  "\uf0fc": "✓",
  "\uf0a8": "□",
  "\uf06f": "□",
  "\uf076": "❖",
  "\uf02d": "−",
};

/** Ligatures, presentation forms and the signs of symbol fonts, which stand for other characters. */
const COMPOSED = /[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufdff\ufe70-\ufefc\uf020-\uf0ff]/g;

/** The places of ligatures and signs in the fonts of TeX that say nothing about their characters: encodings OT1, T1 and TS1. */
const TEX_SIGNS: Readonly<Record<string, string>> = {
  "\x0b": "ff",
  "\x0c": "fi",
  "\x0d": "fl",
  "\x0e": "ffi",
  "\x0f": "ffl",
  "\x10": "“",
  "\x11": "”",
  "\x12": "„",
  "\x15": "–",
  "\x16": "—",
  "\x1b": "ff",
  "\x1c": "fi",
  "\x1d": "fl",
  "\x1e": "ffi",
  "\x1f": "ffl",
  "\x84": "†",
  "\x85": "‡",
  "\x87": "‰",
  "\x88": "•",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff]/g;

/**
 * The fragments of a page, in the order of its content stream. `toPage` leads from the space of the page to hundredths of a
 * point from the top left.
 */
export function readFragments(
  items: readonly TextItem[],
  { styles, fonts }: TextFonts,
  toPage: Matrix,
  page: Readonly<{ w: number; h: number }>,
): { fragments: Fragment[]; rotated: Fragment[] } {
  const fragments: Fragment[] = [];
  const rotated: Fragment[] = [];
  let hasSpaceBefore = false;
  for (const item of items) {
    const text = plainText(item.str);
    if (text.trim() === "") {
      hasSpaceBefore ||= item.str !== "";
      continue;
    }
    const placed = place(item, multiply(toPage, item.transform), styles[item.fontName]);
    const style = fonts.get(item.fontName);
    if (placed === null || style === null || isOutside(placed.box, page)) continue;
    const fragment: Fragment = {
      text: text.trim(),
      box: clip(placed.box, page),
      baseline: placed.baseline,
      size: placed.size,
      style: style ?? PLAIN,
      isRightToLeft: item.dir === "rtl",
      hasSpaceBefore: hasSpaceBefore || /^\s/u.test(text),
    };
    hasSpaceBefore = /\s$/u.test(text);
    if (!placed.isUpright) rotated.push(fragment);
    else if (!isRepeated(fragment, fragments.at(-1))) fragments.push(fragment);
  }
  return { fragments, rotated };
}

export function multiply(m: readonly number[], n: readonly number[]): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = m;
  const [a2 = 1, b2 = 0, c2 = 0, d2 = 1, e2 = 0, f2 = 0] = n;
  return [
    a * a2 + c * b2,
    b * a2 + d * b2,
    a * c2 + c * d2,
    b * c2 + d * d2,
    a * e2 + c * f2 + e,
    b * e2 + d * f2 + f,
  ];
}

type Placed = { box: Box; baseline: number; size: number; isUpright: boolean };

function place(item: TextItem, [a, b, c, d, e, f]: Matrix, style: TextStyle | undefined): Placed | null {
  const isUpright = Math.abs(a) >= Math.abs(b);
  const size = Math.round(isUpright ? Math.abs(d) : Math.abs(c));
  if (!(Math.max(Math.abs(e), Math.abs(f), size) < MAX_COORDINATE) || size === 0) return null;
  const ascent = within(style?.ascent, 0.5, 1) ?? 0.75;
  const descent = within(-(style?.descent ?? 0), 0.1, 0.4) ?? 0.22;
  const length = item.width * 100;
  const [x, y] = [Math.round(e), Math.round(f)];
  if (isUpright) {
    const [left, right] = a >= 0 ? [e, e + length] : [e - length, e];
    const [top, bottom] =
      d <= 0 ? [f - ascent * size, f + descent * size] : [f - descent * size, f + ascent * size];
    return { box: roundBox([left, top, right, bottom]), baseline: y, size, isUpright: a > 0 && d < 0 };
  }
  const [top, bottom] = b < 0 ? [f - length, f] : [f, f + length];
  const [left, right] =
    c < 0 ? [e - ascent * size, e + descent * size] : [e - descent * size, e + ascent * size];
  return { box: roundBox([left, top, right, bottom]), baseline: x, size, isUpright: false };
}

function roundBox([left, top, right, bottom]: Box): Box {
  return [Math.round(left), Math.round(top), Math.round(right), Math.round(bottom)];
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function isOutside([left, top, right, bottom]: Box, { w, h }: { w: number; h: number }): boolean {
  return right < 0 || bottom < 0 || left > w || top > h;
}

function clip([left, top, right, bottom]: Box, { w, h }: { w: number; h: number }): Box {
  const x = (value: number) => Math.min(Math.max(value, 0), w);
  const y = (value: number) => Math.min(Math.max(value, 0), h);
  return [x(left), y(top), x(right), y(bottom)];
}

function isRepeated({ text, box, baseline, size }: Fragment, before: Fragment | undefined): boolean {
  const near = SAME_PLACE * size;
  return (
    before?.text === text &&
    Math.abs(before.box[0] - box[0]) < near &&
    Math.abs(before.box[2] - box[2]) < near &&
    Math.abs(before.baseline - baseline) < near
  );
}

function plainText(text: string): string {
  return text
    .replace(COMPOSED, (char) => SYMBOLS[char] ?? char.normalize("NFKC"))
    .replace(UNPRINTABLE, (char) => TEX_SIGNS[char] ?? "")
    .toWellFormed();
}
