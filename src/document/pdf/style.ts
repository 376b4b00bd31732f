import type { Line } from "./lines.ts";
import { heaviest } from "./page-content.ts";
import type { PdfRules } from "./rules.ts";

/** What is usual in a document, by which the unusual is known. */
export type Typography = Readonly<{
  /** The size of most of the text. */
  bodySize: number;
  /** The size of most text of a fixed width, 0 where there is none. */
  monoSize: number;
  /** Whether bold text is so rare that it means something. */
  isBoldRare: boolean;
  isItalicRare: boolean;
  /** From one baseline to the next, for text of this size. */
  leadingOf: (size: number) => number;
}>;

const SIZE_STEP = 50;

export function typographyOf(lines: readonly Line[], rules: PdfRules): Typography {
  const sizes = new Map<number, number>();
  const [proportional, mono] = [new Map<number, number>(), new Map<number, number>()];
  const leadings = new Map<number, Map<number, number>>();
  let [bold, italic, all] = [0, 0, 0];
  for (const [index, line] of lines.entries()) {
    const size = roundSize(line.size);
    sizes.set(size, (sizes.get(size) ?? 0) + line.text.length);
    const ofKind = line.isMono ? mono : proportional;
    ofKind.set(size, (ofKind.get(size) ?? 0) + line.text.length);
    all += line.text.length;
    if (line.isBold) bold += line.text.length;
    if (line.isItalic) italic += line.text.length;
    const next = lines[index + 1];
    const pitch = next?.page === line.page ? next.baseline - line.baseline : 0;
    if (!next || pitch < 0.9 * line.size || pitch > 2.4 * line.size || roundSize(next.size) !== size)
      continue;
    const ofSize = leadings.get(size) ?? new Map<number, number>();
    const rounded = Math.round(pitch / 20) * 20;
    ofSize.set(rounded, (ofSize.get(rounded) ?? 0) + Math.min(line.text.length, next.text.length));
    leadings.set(size, ofSize);
  }
  const usual = new Map([...leadings].map(([size, ofSize]) => [size, heaviest(ofSize)]));
  return {
    bodySize: rules >= 4 ? bodySizeOf(sizes, proportional, all) : heaviest(sizes),
    monoSize: mono.size === 0 ? 0 : heaviest(mono),
    isBoldRare: bold * 5 < all * 2,
    isItalicRare: italic * 10 < all,
    leadingOf: (size) => usual.get(roundSize(size)) ?? Math.round(1.25 * size),
  };
}

/** Long listings in small type do not make the text around them large, if that is at least this share of all text. */
const MIN_PROPORTIONAL_SHARE = 0.06;

function bodySizeOf(
  sizes: ReadonlyMap<number, number>,
  proportional: ReadonlyMap<number, number>,
  all: number,
): number {
  const size = heaviest(proportional);
  return (proportional.get(size) ?? 0) < MIN_PROPORTIONAL_SHARE * all
    ? heaviest(sizes)
    : Math.max(size, heaviest(sizes));
}

export function roundSize(size: number): number {
  return Math.round(size / SIZE_STEP) * SIZE_STEP;
}

export function isSameSize(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.06 * Math.max(a, b);
}
