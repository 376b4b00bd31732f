import type { Checkpoint } from "../checkpoint.ts";

/** The similarity of a sentence with itself. */
export const SIMILARITY_UNIT = 1000;

/** Sentences that share less are not connected. */
const MIN_SIMILARITY = 60;

/** The sum of all ranks. A product with a similarity stays an exact integer. */
const RANK_UNIT = 1_000_000_000;

/** How much of a rank comes from similar sentences, in hundredths; the rest is the prior. */
const DAMPING = 60;

/** After so many steps the last one changes less than a thousandth: 0.6^16. */
const STEPS = 16;

/** Of each sentence, the similarity to every other one that shares words with it. */
export type SentenceGraph = ReadonlyMap<number, number>[];

/**
 * Cosine similarities of sentences by their words, each word weighted by how few sentences have it, in thousandths. Everything is
 * an integer below 2^53, so the result is the same on every host.
 */
export function similarities(
  sentences: readonly ReadonlySet<string>[],
  checkpoint: Checkpoint,
): SentenceGraph {
  const holders = new Map<string, number[]>();
  for (const [index, words] of sentences.entries()) {
    for (const word of words) {
      const known = holders.get(word);
      if (known) known.push(index);
      else holders.set(word, [index]);
    }
  }
  const weightOf = (word: string) => rarity(sentences.length, holders.get(word)?.length ?? 1);
  const norms = sentences.map((words) => {
    let sum = 0;
    for (const word of words) sum += weightOf(word) ** 2;
    return sum;
  });
  return sentences.map((words, index) => {
    checkpoint();
    const products = new Map<number, number>();
    for (const word of words) {
      const product = weightOf(word) ** 2;
      for (const other of holders.get(word) ?? [])
        if (other !== index) products.set(other, (products.get(other) ?? 0) + product);
    }
    const row = new Map<number, number>();
    for (const [other, product] of products) {
      const length = squareRoot((norms[index] ?? 0) * (norms[other] ?? 0));
      const similarity = Math.trunc((SIMILARITY_UNIT * product) / Math.max(1, length));
      if (similarity >= MIN_SIMILARITY) row.set(other, similarity);
    }
    return row;
  });
}

/** The ranks of sentences by a random walk between similar ones that starts again at the priors. */
export function rankSentences(
  graph: SentenceGraph,
  priors: readonly number[],
  checkpoint: Checkpoint,
): number[] {
  const sum = Math.max(
    1,
    priors.reduce((all, prior) => all + prior, 0),
  );
  const start = priors.map((prior) => Math.trunc((RANK_UNIT * prior) / sum));
  const degrees = graph.map((row) => {
    let degree = 0;
    for (const similarity of row.values()) degree += similarity;
    return Math.max(1, degree);
  });
  let ranks = start;
  for (let step = 0; step < STEPS; step += 1) {
    const previous = ranks;
    ranks = start.map((prior, index) => {
      checkpoint();
      let received = 0;
      for (const [other, similarity] of graph[index] ?? [])
        received += Math.trunc(((previous[other] ?? 0) * similarity) / (degrees[other] ?? 1));
      return Math.trunc(((100 - DAMPING) * prior + DAMPING * received) / 100);
    });
  }
  return ranks;
}

/** 16 + 16 × log2(count / holders), the logarithm by straight lines between powers of two. */
function rarity(count: number, holders: number): number {
  const ratio = Math.trunc((256 * count) / holders);
  const exponent = 31 - Math.clz32(ratio);
  const power = 2 ** exponent;
  return 16 + 16 * (exponent - 8) + Math.trunc((16 * (ratio - power)) / power);
}

/** The whole part of the square root of a whole number, by Newton's method: `Math.sqrt` need not be exact on every host. */
export function squareRoot(value: number): number {
  if (value < 1) return 0;
  let root = 1;
  while (root * root < value) root *= 2;
  for (;;) {
    const next = Math.trunc((root + Math.trunc(value / root)) / 2);
    if (next >= root) return root;
    root = next;
  }
}
