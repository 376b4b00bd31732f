import type { Checkpoint } from "../checkpoint.ts";
import { REVIEW_BELOW } from "../confidence.ts";
import type { DocIR } from "../schema.ts";
import { isUnspaced, termsOf } from "../words.ts";
import { proseSentences, type Sentence } from "./passages.ts";

/** A sentence and its score in hundredths: integers, so that no rounding can differ between hosts. */
export type Scored = { sentence: Sentence; score: number };

const MAX_KEY_SENTENCES = 7;

/** About one sentence in so many is key. */
const SENTENCES_PER_KEY = 5;

const MIN_WORDS = 8;
const MAX_WORDS = 60;

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

/**
 * The sentences that say most about a document, in its order: those whose words it uses most, with a bonus for the
 * words of its headings, for figures, and for opening a block. Doubtful blocks, repeated sentences and
 * those that no citation can quote whole are passed over.
 */
export function findKeySentences(
  docir: DocIR,
  isCitable: (sentence: Sentence) => boolean,
  checkpoint: Checkpoint,
): Scored[] {
  const candidates: Sentence[] = [];
  for (const sentence of proseSentences(docir)) {
    checkpoint();
    if (isCandidate(sentence) && isCitable(sentence)) candidates.push(sentence);
  }
  const weights = wordWeights(candidates, docir);
  const ranked = candidates
    .map((sentence, place) => ({ sentence, place, score: scoreOf(sentence, weights) }))
    .sort((a, b) => b.score - a.score || a.place - b.place);
  const wanted = Math.min(MAX_KEY_SENTENCES, Math.ceil(candidates.length / SENTENCES_PER_KEY));
  return pickDistinct(ranked, wanted).sort((a, b) => a.place - b.place);
}

/** A line that ends in a colon only leads to what follows. */
const LEAD_IN = /[:：]\s?[-–—]?["'”’»)\]」』）*_]*$/u;

function isCandidate({ block, words, text }: Sentence): boolean {
  if (LEAD_IN.test(text)) return false;
  return block.confidence >= REVIEW_BELOW && words >= MIN_WORDS && words <= MAX_WORDS;
}

function contentWords(terms: readonly string[]): Set<string> {
  return new Set(terms.filter((term) => (term.length > 2 || isUnspaced(term)) && !STOP_WORDS.has(term)));
}

/** In how many candidates each word occurs, at most ten, three more if a heading has it. */
function wordWeights(candidates: readonly Sentence[], { text, blocks }: DocIR): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { terms } of candidates) {
    for (const word of contentWords(terms)) weights.set(word, Math.min(10, (weights.get(word) ?? 0) + 1));
  }
  const headings = blocks.filter(({ type }) => type === "title" || type === "heading");
  const inHeadings = new Set(headings.flatMap(({ span }) => termsOf(text.slice(...span))));
  for (const word of contentWords([...inHeadings])) {
    const weight = weights.get(word);
    if (weight !== undefined) weights.set(word, weight + 3);
  }
  return weights;
}

/** Mean weight of the content words, damped for short sentences, in hundredths, and the bonuses. */
function scoreOf({ block, span, terms, text }: Sentence, weights: ReadonlyMap<string, number>): number {
  const content = contentWords(terms);
  let sum = 0;
  for (const word of content) sum += weights.get(word) ?? 0;
  const mean = Math.trunc((100 * sum) / (content.size + 4));
  const opens = span[0] === block.span[0] && block.type === "paragraph" ? 40 : 0;
  return mean + opens + (/\p{Nd}/u.test(text) ? 40 : 0);
}

/** The best, skipping a sentence that shares most of its words with a better one. */
function pickDistinct<T extends Scored>(ranked: readonly T[], wanted: number): T[] {
  const picked: { entry: T; words: Set<string> }[] = [];
  for (const entry of ranked) {
    if (picked.length >= wanted) break;
    const words = contentWords(entry.sentence.terms);
    if (!picked.some((other) => overlaps(words, other.words))) picked.push({ entry, words });
  }
  return picked.map(({ entry }) => entry);
}

function overlaps(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return 2 * shared > Math.min(a.size, b.size);
}
