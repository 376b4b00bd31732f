import { PLAIN } from "../pdf/font-style.ts";
import { type Box, type Fragment, heaviest } from "../pdf/page-content.ts";
import type { OcrLine } from "./engine.ts";

/** Words that the engine read on one page, in hundredths of a point, and how sure it is of them. */
export type ReadPage = Readonly<{ n: number; w: number; h: number; lines: readonly OcrLine[] }>;

const UNITS_PER_INCH = 7200;

/** Sizes that differ by less than this part are one font: the engine measures each line by its own letters. */
const SAME_SIZE = 0.14;

/** How far letters reach above and below their baseline, as parts of their size. */
const ASCENT = 0.75;
const DESCENT = 0.22;

const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}]/u;

/** Moves lines from pixels of a picture of `dpi` to hundredths of a point. */
export function toUnits(lines: readonly OcrLine[], dpi: number): OcrLine[] {
  const unit = (pixels: number) => Math.round((pixels * UNITS_PER_INCH) / dpi);
  return lines.map(({ words, baseline, size }) => ({
    words: words.map((word) => ({ ...word, box: word.box.map(unit) as unknown as Box })),
    baseline: unit(baseline),
    size: unit(size),
  }));
}

/** The fragments of each page, with sizes that agree over the document. */
export function fragmentsOfPages(pages: readonly ReadPage[]): Map<number, Fragment[]> {
  const sizeOf = agreeOnSizes(pages.flatMap(({ lines }) => lines));
  return new Map(
    pages.map(({ n, w, h, lines }) => [
      n,
      lines.flatMap(({ words, baseline, size: measured }) => {
        const size = sizeOf(measured);
        return words.map(({ text, box: [left, , right] }): Fragment => {
          const top = Math.round(baseline - ASCENT * size);
          const bottom = Math.round(baseline + DESCENT * size);
          return {
            text,
            box: [clip(left, w), clip(top, h), clip(right, w), clip(bottom, h)],
            baseline,
            size,
            style: PLAIN,
            isRightToLeft: RIGHT_TO_LEFT.test(text),
            hasSpaceBefore: true,
          };
        });
      }),
    ]),
  );
}

function clip(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

/** The size of most letters stands for all sizes near it, then that of most of the others, and so on. */
function agreeOnSizes(lines: readonly OcrLine[]): (size: number) => number {
  const letters = new Map<number, number>();
  for (const { words, size } of lines) {
    const count = words.reduce((sum, { text }) => sum + text.length, 0);
    letters.set(size, (letters.get(size) ?? 0) + count);
  }
  const agreed = new Map<number, number>();
  while (letters.size > 0) {
    const main = heaviest(letters);
    if (main === 0) break;
    for (const size of [...letters.keys()]) {
      if (Math.abs(size - main) > SAME_SIZE * main) continue;
      agreed.set(size, main);
      letters.delete(size);
    }
  }
  return (size) => agreed.get(size) ?? size;
}
