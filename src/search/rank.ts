import type { ChunkColumns, Postings } from "./segment.ts";

/**
 * BM25 over chunks, with idf as an integer and only the four basic operations after it, so that every runtime comes to the same
 * scores and so to the same order.
 * Source: S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
 */
const K1 = 1.2;
const B = 0.6;

/** A word in a heading counts so much more than in the text. A heading is also text of the chunk that it begins. */
const HEADING_WEIGHT = 1.5;

const SCALE = 1_000;

/** One spelling that a word of the query matches, with its postings by segment. `weight` is from 0 to 1. */
export type Variant = Readonly<{ weight: number; postings: readonly (Postings | null)[] }>;

/** A word of the query: all spellings that it matches count as one term. */
export type WordGroup = readonly Variant[];

/** Which chunks of each segment are allowed, as a byte per chunk; null allows all. */
export type Allowed = readonly (Uint8Array | null)[];

/** A chunk with its score. `segment` and `row` are its place in the columns. */
export type Ranked = Readonly<{ segment: number; row: number; chunk: number; score: number }>;

/** The whole index, as ranking sees it. */
export type RankInput = Readonly<{
  segments: readonly ChunkColumns[];
  groups: readonly WordGroup[];
  allowed: Allowed;
  /** Whether a chunk needs no word of the groups: phrases or filters find it. */
  takesAll: boolean;
}>;

/** All chunks that match, with their scores. */
export type Scored = Readonly<{
  segments: readonly ChunkColumns[];
  /** Of each chunk of each segment, rounded; -1 where it does not match. */
  scores: readonly Float64Array[];
  total: number;
}>;

/** Scores the allowed chunks that have a word of the query. */
export function scoreChunks({ segments, groups, allowed, takesAll }: RankInput): Scored {
  const chunks = segments.reduce((sum, segment) => sum + segment.chunks, 0);
  const words = segments.reduce((sum, segment) => sum + segment.allWords, 0);
  const averageWords = Math.max(1, words / Math.max(1, chunks));
  const scores = segments.map((segment) => new Float64Array(segment.chunks).fill(takesAll ? 0 : -1));
  for (const group of groups) {
    const counts = segments.map((segment, index) => countsOf(group, segment, index));
    const having = counts.reduce((sum, { rows }) => sum + rows.length, 0);
    const idf = idfOf(chunks, having);
    counts.forEach((found, index) => {
      const [segment, sums] = [segments[index], scores[index]];
      if (segment !== undefined && sums !== undefined)
        addScores(sums, segment, { ...found, idf, averageWords });
    });
  }
  const total = scores.reduce((sum, sums, index) => sum + settle(sums, allowed[index] ?? null), 0);
  return { segments, scores, total };
}

/** The best `atLeast` chunks in order, and all that have the same score as the last of them. */
export function bestOf({ segments, scores }: Scored, atLeast: number): Ranked[] {
  const floor = scoreOfRank(scores, atLeast);
  const ranked: Ranked[] = [];
  segments.forEach(({ firstChunk, chunks }, segment) => {
    for (let row = 0; row < chunks; row += 1) {
      const score = scores[segment]?.[row] ?? -1;
      if (score >= floor) ranked.push({ segment, row, chunk: firstChunk + row, score });
    }
  });
  return ranked.sort((a, b) => compareRanked(segments, a, b));
}

/** By score; equal ones by chunk id, then in the order in which they came into the index. Negative when `a` comes first. */
export function compareRanked(segments: readonly ChunkColumns[], a: Ranked, b: Ranked): number {
  const high = ({ segment, row }: Ranked) => segments[segment]?.idHigh[row] ?? 0;
  const low = ({ segment, row }: Ranked) => segments[segment]?.idLow[row] ?? 0;
  return b.score - a.score || high(a) - high(b) || low(a) - low(b) || a.chunk - b.chunk;
}

/** The score of the nth best chunk that matches; 0, the lowest score there is, when fewer match. */
function scoreOfRank(scores: readonly Float64Array[], nth: number): number {
  // The n best so far, as a heap with the least of them first: most chunks are compared with that one alone.
  const best = new Float64Array(nth);
  let size = 0;
  for (const part of scores) {
    for (const score of part) {
      if (score < 0) continue;
      if (size < nth) {
        siftUp(best, size, score);
        size += 1;
      } else if (score > (best[0] ?? 0)) siftDown(best, score);
    }
  }
  return size < nth ? 0 : (best[0] ?? 0);
}

/** Adds a value behind the last one of a heap of this size. */
function siftUp(heap: Float64Array, size: number, value: number): void {
  let at = size;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] ?? 0;
    if (above <= value) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = value;
}

/** Puts a value in place of the least one of a full heap. */
function siftDown(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const child = left + 1 < heap.length && (heap[left + 1] ?? 0) < (heap[left] ?? 0) ? left + 1 : left;
    const below = heap[child] ?? 0;
    if (below >= value) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = value;
}

/** How rare a term is, as an integer: ln(1 + (N - n + 0.5) / (n + 0.5)) in thousandths. */
export function idfOf(chunks: number, having: number): number {
  return Math.round(SCALE * Math.log(1 + (chunks - having + 0.5) / (having + 0.5)));
}

/** What a term adds to the score of a chunk; `count` is how often it occurs, weighted. */
export function termScore(count: number, words: number, averageWords: number, idf: number): number {
  return (idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * words) / averageWords));
}

type Counts = Readonly<{ rows: readonly number[]; count: Float64Array }>;

/** The rows of a segment that have the word, and how often, over all of its spellings. */
function countsOf(group: WordGroup, { firstChunk, chunks }: ChunkColumns, index: number): Counts {
  const count = new Float64Array(chunks);
  const rows: number[] = [];
  for (const { weight, postings } of group) {
    const found = postings[index];
    if (found === null || found === undefined) continue;
    for (let nth = 0; nth < found.chunk.length; nth += 1) {
      const row = (found.chunk[nth] ?? 0) - firstChunk;
      if (row < 0 || row >= chunks) continue;
      if (count[row] === 0) rows.push(row);
      const weighted = HEADING_WEIGHT * (found.inHeadings[nth] ?? 0) + (found.inText[nth] ?? 0);
      count[row] = (count[row] ?? 0) + weight * weighted;
    }
  }
  return { rows, count };
}

function addScores(
  scores: Float64Array,
  { words }: ChunkColumns,
  { rows, count, idf, averageWords }: Counts & Readonly<{ idf: number; averageWords: number }>,
): void {
  for (const row of rows) {
    const score = termScore(count[row] ?? 0, words[row] ?? 0, averageWords, idf);
    scores[row] = Math.max(0, scores[row] ?? 0) + score;
  }
}

/** Rounds the scores, takes out the chunks that are not allowed, and counts those that are left. */
function settle(scores: Float64Array, allowed: Uint8Array | null): number {
  let total = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const score = allowed === null || allowed[row] === 1 ? (scores[row] ?? -1) : -1;
    scores[row] = Math.round(score);
    if (score >= 0) total += 1;
  }
  return total;
}

/** A hit that stands for itself and for those that say nearly the same. */
export type Folded = Ranked & { duplicates: number };

/** Two texts are near-duplicates when at most this many of the 64 bits of their SimHash differ. */
const MAX_DISTANCE = 3;

/** Near-duplicates are looked for among this many best hits; exact ones among all. */
const NEAR_AMONG = 300;

/** Keeps the best of those that say nearly the same, and counts the others. Short texts are the same only when their hash is equal. */
export function foldDuplicates(segments: readonly ChunkColumns[], ranked: readonly Ranked[]): Folded[] {
  const kept: Folded[] = [];
  const byHash = new Map<number, Folded[]>();
  for (const hit of ranked) {
    const hash = hashOf(segments, hit);
    const same = byHash.get(hash.low)?.find((other) => hashOf(segments, other).high === hash.high);
    const near = same ?? (hash.words >= MIN_WORDS ? findNear(segments, kept, hash) : undefined);
    if (near !== undefined) {
      near.duplicates += 1;
      continue;
    }
    const folded = { ...hit, duplicates: 0 };
    kept.push(folded);
    if (hash.high !== 0 || hash.low !== 0) byHash.set(hash.low, [...(byHash.get(hash.low) ?? []), folded]);
  }
  return kept;
}

/** Under this many words a SimHash says too little. */
const MIN_WORDS = 16;

type Hash = Readonly<{ high: number; low: number; words: number }>;

function hashOf(segments: readonly ChunkColumns[], { segment, row }: Ranked): Hash {
  const columns = segments[segment];
  return {
    high: columns?.simhashHigh[row] ?? 0,
    low: columns?.simhashLow[row] ?? 0,
    words: columns?.words[row] ?? 0,
  };
}

function findNear(
  segments: readonly ChunkColumns[],
  kept: readonly Folded[],
  hash: Hash,
): Folded | undefined {
  if (kept.length > NEAR_AMONG) return undefined;
  return kept.find((other) => {
    const { high, low, words } = hashOf(segments, other);
    return words >= MIN_WORDS && countOnes(high ^ hash.high) + countOnes(low ^ hash.low) <= MAX_DISTANCE;
  });
}

function countOnes(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
