import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertInvariants } from "../../../src/document/test-kit.ts";
import { meanScores, type Scores, scoreDocument } from "../score.ts";
import { readForeignCorpus } from "./files.ts";

/** The least means of what LaTeX, LibreOffice and Chromium typeset; docs/documents.md has what is reached. */
const LEAST = {
  pdf: { wordRecall: 0.99, nid: 0.96, headings: 0.95, listItems: 0.93, cells: 0.93, notes: 1 },
  docx: { wordRecall: 0.99, nid: 0.985, headings: 0.95, cells: 0.96, headersAndFooters: 0.9, notes: 1 },
  html: { wordRecall: 0.99, nid: 0.98, headings: 0.85, cells: 0.96, notes: 1 },
} as const satisfies Readonly<Record<string, Scores>>;

describe("papers, forms and reports that other programs typeset", () => {
  for (const format of ["pdf", "docx", "html"] as const) {
    test(`are read well enough as ${format}, with every invariant`, { timeout: 120_000 }, async () => {
      const documents = readForeignCorpus(format);
      assert.ok(documents.length >= 2);
      const scores: Scores[] = [];
      for (const { bytes, mediaType, truth } of documents) {
        const { docir } = await assertInvariants(bytes, mediaType);
        scores.push(scoreDocument(truth, docir));
      }
      const mean = meanScores(scores);
      for (const [measure, value] of Object.entries(LEAST[format]))
        assert.ok((mean[measure as keyof Scores] ?? 0) >= value, `${measure} of ${JSON.stringify(mean)}`);
    });
  }
});
