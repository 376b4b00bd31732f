import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { columnsBefore, findAllowed, findPhrase } from "./allowed.ts";
import { bestOf, foldDuplicates, idfOf, scoreChunks, termScore } from "./rank.ts";
import {
  type ChunkColumns,
  chooseMerge,
  createSegmentBuilder,
  type Segment,
  unpackFacts,
  unpackPostings,
} from "./segment.ts";
import { tokenize } from "./tokens.ts";

type Text = Readonly<{
  text: string;
  heading?: string;
  id?: string;
  simhash?: string;
  run?: number;
  pages?: number[];
  isDoubtful?: boolean;
}>;

function segmentOf(firstChunk: number, texts: readonly Text[]): Segment {
  const builder = createSegmentBuilder(firstChunk);
  texts.forEach(
    ({ text, heading = "", id, simhash = "0".repeat(16), run = 1, pages = [], isDoubtful = false }, nth) => {
      builder.add({
        run,
        id: id ?? `c_${String(firstChunk + nth).padStart(16, "0")}`,
        simhash,
        headings: tokenize(heading),
        text: tokenize(text),
        pages,
        isDoubtful,
      });
    },
  );
  return builder.finish();
}

const columnsOf = ({ firstChunk, facts }: Segment): ChunkColumns => unpackFacts(firstChunk, facts);
const termIn = (segment: Segment, term: string) => {
  const found = [...segment.terms].find((entry) => entry.term === term);
  return found === undefined
    ? null
    : { postings: unpackPostings(found.postings), positions: found.positions };
};

/** Chunk numbers and scores, best first, for words that each have one spelling. */
function rank(segments: readonly Segment[], words: readonly string[], takesAll = false) {
  const scored = scoreChunks({
    segments: segments.map(columnsOf),
    groups: words.map((word) => [
      { weight: 1, postings: segments.map((segment) => termIn(segment, word)?.postings ?? null) },
    ]),
    allowed: segments.map(() => null),
    takesAll,
  });
  return { scored, ranked: bestOf(scored, 100).map(({ chunk, score }) => [chunk, score] as const) };
}

describe("the ranking", () => {
  test("scores by BM25: rare words, often, in short chunks", () => {
    const segment = segmentOf(0, [
      { text: "common rare" },
      { text: "common common" },
      { text: "common and many other words that make it long and longer" },
      { text: "nothing" },
    ]);
    const { ranked } = rank([segment], ["common", "rare"]);
    assert.deepEqual(
      ranked.map(([chunk]) => chunk),
      [0, 1, 2],
    );
    const average = (2 + 2 + 11 + 1) / 4;
    const expected = termScore(1, 2, average, idfOf(4, 3)) + termScore(1, 2, average, idfOf(4, 1));
    assert.equal(ranked[0]?.[1], Math.round(expected));
  });

  test("has known figures", () => {
    assert.equal(idfOf(4, 1), 1_204);
    assert.equal(idfOf(100_000, 50_000), 693);
    assert.equal(Math.round(termScore(2, 100, 100, 1_000)), 1_375);
  });

  test("counts a heading more than the text", () => {
    const segment = segmentOf(0, [{ text: "net amount due" }, { text: "amount due", heading: "net" }]);
    assert.deepEqual(
      rank([segment], ["net"]).ranked.map(([chunk]) => chunk),
      [1, 0],
    );
  });

  test("is the same however chunks are spread over segments, and after segments are merged", () => {
    const texts = Array.from({ length: 40 }, (_, nth) => ({
      text: `w${nth % 3} w${nth % 5} w${nth % 7} filler`,
    }));
    const words = ["w1", "w2", "w6"];
    const whole = rank([segmentOf(0, texts)], words).ranked;
    const [a, b] = [segmentOf(0, texts.slice(0, 13)), segmentOf(13, texts.slice(13))];
    assert.deepEqual(rank([a, b], words).ranked, whole);
    const merged: Segment = {
      firstChunk: 0,
      chunks: 40,
      facts: Buffer.concat([a.facts, b.facts]),
      terms: words.map((term) => {
        const both = [a, b].flatMap((segment) => [...segment.terms].filter((entry) => entry.term === term));
        return {
          term,
          chunks: both.reduce((sum, { chunks }) => sum + chunks, 0),
          postings: Buffer.concat(both.map(({ postings }) => postings)),
          positions: Buffer.concat(both.map(({ positions }) => positions)),
        };
      }),
    };
    assert.deepEqual(rank([merged], words).ranked, whole);
  });

  test("breaks ties by chunk id and stays as it was when chunks are added", () => {
    const first = segmentOf(0, [
      { text: "same words", id: "c_ffffffffffffffff" },
      { text: "same words", id: "c_0000000000000001" },
    ]);
    const chunksOf = (segments: readonly Segment[]) =>
      rank(segments, ["same"]).ranked.map(([chunk]) => chunk);
    assert.deepEqual(chunksOf([first]), [1, 0]);
    const columns = columnsBefore(columnsOf(segmentOf(0, [{ text: "a b" }, { text: "c" }])), 1);
    assert.deepEqual([columns.chunks, columns.allWords], [1, 2]);
  });

  test("takes the best only, with all of the same score", () => {
    const segment = segmentOf(0, [
      { text: "net net" },
      { text: "net x" },
      { text: "net y" },
      { text: "net z" },
    ]);
    const { scored } = rank([segment], ["net"]);
    assert.equal(bestOf(scored, 1).length, 1);
    assert.equal(bestOf(scored, 2).length, 4);
    assert.equal(scored.total, 4);
  });

  test("takes the same as a sort of all scores, whatever their order", () => {
    const random = createSeededRandom(7);
    for (let round = 0; round < 50; round += 1) {
      const scores = Array.from({ length: 40 }, () => random.below(25) - 1);
      const segment = columnsOf(
        segmentOf(
          0,
          scores.map(() => ({ text: "net" })),
        ),
      );
      const scored = { segments: [segment], scores: [Float64Array.from(scores)], total: 0 };
      const sorted = scores.filter((score) => score >= 0).sort((a, b) => b - a);
      const nth = 1 + random.below(30);
      const floor = sorted[nth - 1] ?? 0;
      assert.deepEqual(
        bestOf(scored, nth).map(({ score }) => score),
        sorted.filter((score) => score >= floor),
        `the best ${nth} of ${scores}`,
      );
    }
  });

  test("takes chunks without a word of the query only where something else finds them", () => {
    const segment = segmentOf(0, [{ text: "net" }, { text: "other" }]);
    assert.equal(rank([segment], ["net"]).scored.total, 1);
    assert.equal(rank([segment], ["net"], true).scored.total, 2);
  });
});

describe("what is allowed", () => {
  const segment = segmentOf(5, [
    { text: "the net amount is due", heading: "Amount due" },
    { text: "amount net", run: 2, pages: [2, 3] },
    { text: "net net amount", run: 3, isDoubtful: true },
  ]);
  const phrase = (...terms: string[]) => findPhrase(terms.map((term) => termIn(segment, term)));
  const none = { filters: {}, runs: null, hiddenRuns: new Set<number>(), required: [], excluded: [] };
  const allow = (conditions: Partial<Parameters<typeof findAllowed>[1]>) =>
    Array.from(findAllowed(columnsOf(segment), { ...none, ...conditions }) ?? [1, 1, 1]);

  test("is a phrase where its words stand next to each other, in one field", () => {
    assert.deepEqual(phrase("net", "amount"), [5, 7]);
    assert.deepEqual(phrase("amount", "net"), [6]);
    assert.deepEqual(phrase("due", "the"), []);
    assert.deepEqual(phrase("net"), [5, 6, 7]);
    assert.deepEqual(phrase("net", "nowhere"), []);
  });

  test("is a phrase in the same chunks as in their texts", () => {
    const random = createSeededRandom(8);
    const texts = Array.from({ length: 60 }, () =>
      Array.from({ length: 12 }, () => "abc"[random.below(3)]).join(" "),
    );
    const many = segmentOf(
      100,
      texts.map((text) => ({ text })),
    );
    for (const words of ["a b", "a a", "a b c", "b b b a", "c a c a c"]) {
      const found = findPhrase(words.split(" ").map((word) => termIn(many, word)));
      const expected = texts.flatMap((text, nth) => (text.includes(words) ? [100 + nth] : []));
      assert.deepEqual(found, expected, words);
    }
  });

  test("follows filters, erased runs, required and excluded phrases", () => {
    assert.deepEqual(allow({}), [1, 1, 1]);
    assert.deepEqual(allow({ runs: new Set([1, 3]) }), [1, 0, 1]);
    assert.deepEqual(allow({ hiddenRuns: new Set([1]) }), [0, 1, 1]);
    assert.deepEqual(allow({ filters: { page: [3, 9] } }), [0, 1, 0]);
    assert.deepEqual(allow({ filters: { has: "doubt" } }), [0, 0, 1]);
    assert.deepEqual(allow({ required: [phrase("net", "amount")] }), [1, 0, 1]);
    assert.deepEqual(allow({ excluded: [phrase("net", "amount")] }), [0, 1, 0]);
  });
});

describe("near-duplicates", () => {
  const words = "some words that are many enough so that a hash of them says something about what they say ";

  test("are folded into the best of them", () => {
    const segment = segmentOf(0, [
      { text: `${words}net net`, simhash: "ffff0000ffff0000" },
      { text: `${words}net`, simhash: "ffff0000ffff0003" },
      { text: `${words}net and another`, simhash: "0000ffff0000ffff" },
      { text: "net", simhash: "00000000000000f1" },
      { text: "net", simhash: "00000000000000f0" },
    ]);
    const { scored } = rank([segment], ["net"]);
    const folded = foldDuplicates(scored.segments, bestOf(scored, 100));
    const seen = new Map(folded.map(({ chunk, duplicates }) => [chunk, duplicates]));
    assert.deepEqual([...seen].sort(), [
      [0, 1],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
  });
});

describe("merging", () => {
  test("takes neighbouring segments of about one size, the newest first", () => {
    const sizes = (...chunks: number[]) => chunks.map((size, id) => ({ id, chunks: size }));
    assert.equal(chooseMerge(sizes(1, 1, 1, 1, 1, 1, 1)), null);
    assert.deepEqual(chooseMerge(sizes(500, 1, 1, 1, 1, 1, 1, 1, 1)), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(chooseMerge(sizes(20_000, ...Array(8).fill(500))), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(chooseMerge(sizes(...Array(12).fill(4_000))), null);
    assert.deepEqual(chooseMerge(sizes(...Array(8).fill(500), 20_000)), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(
      chooseMerge(sizes(1, ...Array(50).fill(500), 20_000)),
      Array.from({ length: 40 }, (_, nth) => nth + 11),
    );
  });

  test("keeps the number of segments small while one chunk after another comes", () => {
    let segments: { id: number; chunks: number }[] = [];
    for (let id = 0; id < 3_000; id += 1) {
      segments.push({ id, chunks: 1 });
      const merged = chooseMerge(segments);
      if (merged === null) continue;
      const chunks = segments
        .filter((segment) => merged.includes(segment.id))
        .reduce((sum, s) => sum + s.chunks, 0);
      segments = [...segments.filter((segment) => !merged.includes(segment.id)), { id, chunks }];
    }
    assert.ok(segments.length < 40, `${segments.length} segments`);
    assert.equal(
      segments.reduce((sum, { chunks }) => sum + chunks, 0),
      3_000,
    );
  });
});
