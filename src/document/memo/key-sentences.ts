import type { Checkpoint } from "../checkpoint.ts";
import type { Block, DocIR } from "../schema.ts";
import { termsOf } from "../words.ts";
import { contentWords, headingWords, isCandidate, type Scored } from "./candidates.ts";
import { proseSentences, type Sentence, type SplitSentences, sentenceAt } from "./passages.ts";
import { rankSentences, SIMILARITY_UNIT, similarities } from "./sentence-graph.ts";
import { findTitle } from "./title.ts";

const MAX_KEY_SENTENCES = 7;

/** A short document has this many key sentences too, if it has as many sentences. */
export const FEW_KEY_SENTENCES = 3;

/** About one sentence in so many is key. */
const SENTENCES_PER_KEY = 5;

/** `split` cuts a block into sentences; without it as `splitSentences`. */
type KeySentenceOptions = Readonly<{ maxSentences?: number; minWords?: number; split?: SplitSentences }>;

export const LENGTHS = { minWords: 5, maxWords: 60 };

/** A shorter sentence counts for less, by its words. */
const FULL_WORDS = 16;

/** Words of results, causes and decisions (the cue method of Edmundson 1969). English, German and Indonesian. */
const CUES =
  /(?<!\p{L})(?:because|caused?|causes|concluded?|conclusions?|decided|decision|failed|failure|found|must|needs?|recommend(?:s|ed)?|results?|showed|shows|therefore|thus|weil|deshalb|daher|beschlossen|beschloss|ergab|muss|müssen|karena|sebab|maka|memutuskan|keputusan|hasil|harus|ternyata)(?!\p{L})/iu;

/** All pairs of sentences are compared, so of a long document only those with the highest priors are. */
const MAX_COMPARED = 400;

/** How much of the next choice is its rank, in hundredths; the rest is how little it repeats what is chosen (MMR). */
const RELEVANCE = 75;

/**
 * The sentences that say most about a document, in its order: LexRank (Erkan and Radev 2004) with a prior by position, title,
 * headings, figures and cue words, then maximal marginal relevance (Carbonell and Goldstein 1998), all in integers. Doubtful blocks,
 * repeated sentences and those that no citation can quote whole are passed over.
 */
export function findKeySentences(
  docir: DocIR,
  isCitable: (sentence: Sentence) => boolean,
  checkpoint: Checkpoint,
  { maxSentences = MAX_KEY_SENTENCES, minWords = LENGTHS.minWords, split }: KeySentenceOptions = {},
): Scored[] {
  const candidates: Place[] = [];
  for (const sentence of proseSentences(docir, split)) {
    checkpoint();
    if (!isCandidate(sentence, { ...LENGTHS, minWords }) || !isCitable(sentence)) continue;
    const [start, end] = sentence.span;
    candidates.push({ block: sentence.block, start, end });
  }
  const compared = withPriors(docir, candidates, checkpoint);
  const graph = similarities(
    compared.map(({ words }) => words),
    checkpoint,
  );
  const ranks = rankSentences(
    graph,
    compared.map(({ prior }) => prior),
    checkpoint,
  );
  const few = Math.min(FEW_KEY_SENTENCES, candidates.length);
  const wanted = Math.min(maxSentences, Math.max(few, Math.ceil(candidates.length / SENTENCES_PER_KEY)));
  return pickDistinct(ranks, graph, wanted).flatMap(({ index, score }) => {
    const sentence = compared[index]?.sentence;
    return sentence === undefined ? [] : [{ sentence, score }];
  });
}

/** Where a sentence is. A long document has hundreds of thousands, which take several times as much memory as sentences. */
type Place = Readonly<{ block: Block; start: number; end: number }>;

/** `prior` in thousandths: how likely a sentence is key by where it stands and what it names. */
type Compared = Readonly<{ sentence: Sentence; prior: number; words: ReadonlySet<string> }>;

/** In document order; of many, those with the highest priors. */
function withPriors(docir: DocIR, candidates: readonly Place[], checkpoint: Checkpoint): Compared[] {
  const sentenceOf = ({ block, start, end }: Place) => sentenceAt(docir.text, block, [start, end]);
  const title = findTitle(docir);
  const titleWords = contentWords(title?.isNamed ? termsOf(docir.text.slice(...title.span)) : []);
  const inHeadings = headingWords(docir);
  const priors = Uint32Array.from(candidates, (candidate, place) => {
    checkpoint();
    const sentence = sentenceOf(candidate);
    const words = contentWords(sentence.terms());
    const position = Math.trunc((250 * (10 + candidates.length)) / (10 + candidates.length + 10 * place));
    const titled =
      titleWords.size === 0 ? 0 : Math.trunc((300 * shared(words, titleWords)) / titleWords.size);
    const headed = Math.min(150, 50 * shared(words, inHeadings));
    const opens =
      sentence.span[0] === sentence.block.span[0] && sentence.block.type === "paragraph" ? 100 : 0;
    const figures = Math.min(240, 80 * (sentence.text.match(/\p{Nd}+/gu)?.length ?? 0));
    const cued = CUES.test(sentence.text) ? 200 : 0;
    const sum = 100 + position + titled + headed + opens + figures + cued;
    const length = Math.min(FULL_WORDS, sentence.words);
    return Math.trunc((sum * length) / FULL_WORDS);
  });
  return Uint32Array.from(priors.keys())
    .sort((a, b) => (priors[b] ?? 0) - (priors[a] ?? 0) || a - b)
    .slice(0, MAX_COMPARED)
    .sort()
    .reduce<Compared[]>((compared, place) => {
      const candidate = candidates[place];
      if (candidate === undefined) return compared;
      const sentence = sentenceOf(candidate);
      compared.push({ sentence, prior: priors[place] ?? 0, words: contentWords(sentence.terms()) });
      return compared;
    }, []);
}

function shared(words: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let count = 0;
  for (const word of words) if (others.has(word)) count += 1;
  return count;
}

/** Chooses sentences one after the other, each by its rank less its likeness to those chosen; in document order. */
function pickDistinct(
  ranks: readonly number[],
  graph: ReadonlyMap<number, number>[],
  wanted: number,
): { index: number; score: number }[] {
  const best = Math.max(1, ...ranks);
  const scores = ranks.map((rank) => Math.trunc((SIMILARITY_UNIT * rank) / best));
  const likeness = ranks.map(() => 0);
  const chosen: { index: number; score: number }[] = [];
  const left = new Set(ranks.keys());
  while (chosen.length < wanted && left.size > 0) {
    let [next, value] = [-1, Number.NEGATIVE_INFINITY];
    for (const index of left) {
      const worth = RELEVANCE * (scores[index] ?? 0) - (100 - RELEVANCE) * (likeness[index] ?? 0);
      if (worth > value) [next, value] = [index, worth];
    }
    left.delete(next);
    chosen.push({ index: next, score: Math.trunc((100 * (scores[next] ?? 0)) / SIMILARITY_UNIT) });
    for (const [other, similarity] of graph[next] ?? []) {
      likeness[other] = Math.max(likeness[other] ?? 0, similarity);
      if (2 * similarity > SIMILARITY_UNIT) left.delete(other);
    }
  }
  return chosen.sort((a, b) => a.index - b.index);
}
