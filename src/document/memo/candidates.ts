import { REVIEW_BELOW } from "../confidence.ts";
import type { DocIR } from "../schema.ts";
import { isUnspaced, termsOf } from "../words.ts";
import type { Sentence } from "./passages.ts";

/** A sentence and its score in hundredths: integers, so that no rounding can differ between hosts. */
export type Scored = { sentence: Sentence; score: number };

/** Said often, these words still say nothing about a text. English and Indonesian. */
const STOP_WORDS = new Set(
  (
    "a about after all also an and any are as at be because been before but by can could did do does for from had has have " +
    "he her his how i if in into is it its may more most no not of on one only or other our out over she should so some " +
    "such than that the their them then there these they this those to two under up was we were what when where which " +
    "while who will with would you your " +
    "ada adalah akan atau bagi dalam dan dari dengan di dia ini itu juga kami ke kepada mereka oleh pada para saat saya " +
    "sebagai sudah tidak untuk yang"
  ).split(" "),
);

/** A line that ends in a colon only leads to what follows. */
const LEAD_IN = /[:：]\s?[-–—]?["'”’»)\]」』）*_]*$/u;

/** Whether a sentence can be key: not doubtful, not a lead-in, and of a length that can be read alone. */
export function isCandidate(
  { block, words, text }: Sentence,
  { minWords, maxWords }: Readonly<{ minWords: number; maxWords: number }>,
): boolean {
  if (LEAD_IN.test(text)) return false;
  return block.confidence >= REVIEW_BELOW && words >= minWords && words <= maxWords;
}

/** The words that say what a text is about. */
export function contentWords(terms: readonly string[]): Set<string> {
  return new Set(terms.filter((term) => (term.length > 2 || isUnspaced(term)) && !STOP_WORDS.has(term)));
}

/** The content words of all titles and headings. */
export function headingWords({ text, blocks }: DocIR): Set<string> {
  const headings = blocks.filter(({ type }) => type === "title" || type === "heading");
  return contentWords(headings.flatMap(({ span }) => termsOf(text.slice(...span))));
}
