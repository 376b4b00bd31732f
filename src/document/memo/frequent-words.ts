import type { Checkpoint } from "../checkpoint.ts";
import type { DocIR } from "../schema.ts";
import { contentWords, headingWords, isCandidate, type Scored } from "./candidates.ts";
import { proseSentences, type Sentence } from "./passages.ts";

const MAX_KEY_SENTENCES = 7;

/** About one sentence in so many is key. */
const SENTENCES_PER_KEY = 5;

const LENGTHS = { minWords: 8, maxWords: 60 };

/**
 * The key sentences of the method `extractive/3`, in their order: those whose words the document uses most, with a bonus for the
 * words of its headings, for figures, and for opening a block. Doubtful blocks, repeated sentences and
 * those that no citation can quote whole are passed over.
 */
export function findFrequentSentences(
  docir: DocIR,
  isCitable: (sentence: Sentence) => boolean,
  checkpoint: Checkpoint,
): Scored[] {
  const candidates: Sentence[] = [];
  for (const sentence of proseSentences(docir)) {
    checkpoint();
    if (isCandidate(sentence, LENGTHS) && isCitable(sentence)) candidates.push(sentence);
  }
  const weights = wordWeights(candidates, docir);
  const ranked = candidates
    .map((sentence, place) => ({ sentence, place, score: scoreOf(sentence, weights) }))
    .sort((a, b) => b.score - a.score || a.place - b.place);
  const wanted = Math.min(MAX_KEY_SENTENCES, Math.ceil(candidates.length / SENTENCES_PER_KEY));
  return pickDistinct(ranked, wanted).sort((a, b) => a.place - b.place);
}

/** In how many candidates each word occurs, at most ten, three more if a heading has it. */
function wordWeights(candidates: readonly Sentence[], docir: DocIR): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { terms } of candidates) {
    for (const word of contentWords(terms())) weights.set(word, Math.min(10, (weights.get(word) ?? 0) + 1));
  }
  for (const word of headingWords(docir)) {
    const weight = weights.get(word);
    if (weight !== undefined) weights.set(word, weight + 3);
  }
  return weights;
}

/** Mean weight of the content words, damped for short sentences, in hundredths, and the bonuses. */
function scoreOf({ block, span, terms, text }: Sentence, weights: ReadonlyMap<string, number>): number {
  const content = contentWords(terms());
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
    const words = contentWords(entry.sentence.terms());
    if (!picked.some((other) => overlaps(words, other.words))) picked.push({ entry, words });
  }
  return picked.map(({ entry }) => entry);
}

function overlaps(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return 2 * shared > Math.min(a.size, b.size);
}
