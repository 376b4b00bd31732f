import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertInvariants } from "../../src/document/test-kit.ts";
import { createPdfCorpus } from "./pdf.ts";
import { meanScores, type Scores, scoreDocument } from "./score.ts";

/** The least mean over the corpus; docs/documents.md has what is reached. A table where there is none counts as cells of 0. */
const LEAST: Scores = {
  wordRecall: 0.99,
  nid: 0.985,
  headings: 0.92,
  listItems: 0.9,
  cells: 0.95,
  headersAndFooters: 1,
};

describe("the corpus of printed PDFs", () => {
  test("is read well enough, with every invariant", { timeout: 120_000 }, async () => {
    const scores: Scores[] = [];
    for (const { bytes, mediaType, truth } of createPdfCorpus()) {
      const { docir } = await assertInvariants(bytes, mediaType);
      scores.push(scoreDocument(truth, docir));
      for (const { boxes = [], src, span } of docir.blocks) {
        assert.ok(boxes.length > 0 && src.length > 0, "each block has its place");
        for (const [at, length] of boxes) assert.ok(at >= span[0] && at + length <= span[1]);
      }
    }
    const mean = meanScores(scores);
    for (const [measure, value] of Object.entries(LEAST))
      assert.ok((mean[measure as keyof Scores] ?? 0) >= value, `${measure} of ${JSON.stringify(mean)}`);
  });
});
