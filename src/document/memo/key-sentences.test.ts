import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noCheckpoint } from "../checkpoint.ts";
import { buildDocIR } from "../docir.ts";
import { derive } from "../test-kit.ts";
import { findFrequentSentences } from "./frequent-words.ts";
import { findKeySentences } from "./key-sentences.ts";
import { splitWithNotes } from "./note-signs.ts";
import { proseSentences } from "./passages.ts";
import { squareRoot } from "./sentence-graph.ts";
import { SUMMARIES } from "./test-summaries.ts";

const SENTENCES = 3;

/** What a method must be better by than the first sentences. */
const MARGIN = 0.02;

describe("key sentences", () => {
  it("share more with summaries that people wrote than the first sentences and the earlier method do", async () => {
    const scores = { lead: 0, earlier: 0, key: 0 };
    for (const { document, summary } of SUMMARIES) {
      const docir = await buildDocIR({ bytes: Buffer.from(document), mediaType: "text/markdown" });
      const lead = [...proseSentences(docir)].slice(0, SENTENCES);
      const earlier = findFrequentSentences(docir, () => true, noCheckpoint)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, SENTENCES);
      const key = findKeySentences(docir, () => true, noCheckpoint, {
        maxSentences: SENTENCES,
        split: splitWithNotes,
      });
      scores.lead += rouge2(lead.map(({ text }) => text).join(" "), summary) / SUMMARIES.length;
      scores.earlier +=
        rouge2(earlier.map(({ sentence }) => sentence.text).join(" "), summary) / SUMMARIES.length;
      scores.key += rouge2(key.map(({ sentence }) => sentence.text).join(" "), summary) / SUMMARIES.length;
    }
    assert.ok(scores.key >= scores.lead + MARGIN, JSON.stringify(scores));
    assert.ok(scores.key >= scores.earlier + MARGIN, JSON.stringify(scores));
  });

  it("are three of a short report, its cause among them, and all of a shorter text", async () => {
    const report = SUMMARIES[0]?.document ?? "";
    const { memo } = await derive(report);
    assert.ok(memo.keySentences.length >= 3);
    assert.ok(
      memo.keySentences.some(({ text }) => text.includes("a fork lift had damaged the supply cable")),
    );
    const two = "The gate is shut until Monday morning. The pumps of the north station are tested on Friday.";
    assert.equal((await derive(two)).memo.keySentences.length, 2);
  });

  it("have no score above 1, and one of them has it", async () => {
    for (const { document } of SUMMARIES) {
      const { memo } = await derive(document);
      const scores = memo.keySentences.map(({ score }) => score);
      assert.equal(Math.max(...scores), 1);
      assert.ok(scores.every((score) => score > 0 && Number.isInteger(Math.round(score * 1e6) / 1e4)));
    }
  });

  it("take time in proportion to the length of a long document", async () => {
    const docirOf = (copies: number) =>
      buildDocIR({
        bytes: Buffer.from(
          Array.from({ length: copies }, (_, n) =>
            SUMMARIES.map(({ document }) => document.replaceAll(" the ", ` the ${n}th `)).join("\n"),
          ).join("\n"),
        ),
        mediaType: "text/markdown",
      });
    const work = async (copies: number) => {
      let checkpoints = 0;
      findKeySentences(
        await docirOf(copies),
        () => true,
        () => {
          checkpoints += 1;
        },
      );
      return checkpoints;
    };
    assert.ok((await work(16)) < 5 * (await work(4)));
  });
});

describe("the square root", () => {
  it("is the whole part of the root", () => {
    for (const root of [1, 2, 3, 1_000, 65_535, 94_906_265]) {
      assert.equal(squareRoot(root * root), root);
      assert.equal(squareRoot(root * root - 1), root - 1);
    }
    assert.equal(squareRoot(0), 0);
  });
});

/** F1 of the pairs of words that two texts share (ROUGE-2). */
function rouge2(text: string, reference: string): number {
  const [found, wanted] = [pairsOf(text), pairsOf(reference)];
  let shared = 0;
  for (const [pair, count] of found) shared += Math.min(count, wanted.get(pair) ?? 0);
  const sizes = sumOf(found) + sumOf(wanted);
  return sizes === 0 ? 0 : (2 * shared) / sizes;
}

function pairsOf(text: string): Map<string, number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const pairs = new Map<string, number>();
  for (let index = 0; index + 1 < words.length; index += 1) {
    const pair = `${words[index]} ${words[index + 1]}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
