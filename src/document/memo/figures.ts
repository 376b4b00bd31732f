import type { Memo } from "../schema.ts";

export type FigureKind = Memo["figures"][number]["kind"];

/** Offsets count from the start of the text searched. */
export type Figure = { kind: FigureKind; start: number; end: number };

const MONTH =
  "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\b\\.?";
const AMOUNT = "\\d{1,3}(?:[,. '\u00a0\u202f]\\d{3}){1,6}(?:[.,]\\d{1,4})?|\\d{1,18}(?:[.,]\\d{1,9})?";
const SCALE = "(?:\\s?(?:thousand|million|billion|trillion|ribu|juta|miliar|[kKmM]|bn)\\b)?";
const UNIT =
  "(?:\\s?(?:%|°C|(?:mm|cm|km|m|kg|g|t|kW|MW|rpm|seconds?|minutes?|hours?|days?|weeks?|months?|years?)(?![\\p{L}\\d])))?";
const CODE = "(?:USD|EUR|GBP|IDR|JPY|AUD|CAD|CHF|SGD|MYR|CNY|INR|Rp)";

/** Tried in this order at each place, so a date is not also a number. Every repetition is bounded. */
const FIGURE = new RegExp(
  [
    `(?<date>\\b\\d{4}-\\d{2}-\\d{2}\\b|\\b\\d{1,2} ${MONTH}(?: \\d{4})?|\\b${MONTH} \\d{1,2}(?:, ?\\d{4})?\\b|\\b\\d{1,2}/\\d{1,2}/\\d{4}\\b|\\b${MONTH} \\d{4}\\b)`,
    `(?<money>(?:[$€£¥₹₩]|\\b${CODE}\\.?)\\s?(?:${AMOUNT})${SCALE}|\\b(?:${AMOUNT})${SCALE}\\s?(?:[€£¥₹₩]|(?:${CODE}|euros?|dollars?|pounds|rupiah)\\b))`,
    `(?<number>(?<![\\p{L}\\d.:/#^-])[-−]?(?:${AMOUNT})\\s?%|(?<![\\p{L}\\d.:/#^-])[-−]?(?:\\d{1,3}(?:[,.'\u00a0\u202f]\\d{3}){1,6}(?:[.,]\\d{1,4})?|\\d{1,18}[.,]\\d{1,9}|\\d{2,18})(?![\\p{L}\\d:/^-])${UNIT})`,
  ].join("|"),
  "gu",
);

const KINDS: readonly FigureKind[] = ["date", "money", "number"];

/** Dates, amounts of money and other numbers of at least two digits, in order, none inside another. */
export function* findFigures(text: string): Generator<Figure> {
  for (const { 0: found, index, groups } of text.matchAll(FIGURE)) {
    const kind = KINDS.find((name) => groups?.[name] !== undefined);
    if (kind) yield { kind, start: index, end: index + found.length };
  }
}
