import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildDocIR } from "../../src/document/index.ts";
import { DOCX_CORPUS } from "./docx.ts";
import { PPTX_CORPUS } from "./pptx.ts";
import { meanScores, type Scores, scoreDocument } from "./score.ts";
import type { CorpusDocument } from "./truth.ts";
import { XLSX_CORPUS } from "./xlsx.ts";

/** The least mean over the corpus of a format; docs/documents.md has what is reached. */
const LEAST: Readonly<Record<string, readonly [corpus: readonly CorpusDocument[], least: Scores]>> = {
  DOCX: [
    DOCX_CORPUS,
    {
      wordRecall: 0.99,
      nid: 0.985,
      headings: 0.95,
      cells: 0.96,
      listItems: 0.985,
      headersAndFooters: 0.95,
      notes: 1,
    },
  ],
  XLSX: [XLSX_CORPUS, { cellsByReference: 0.99 }],
  PPTX: [
    PPTX_CORPUS,
    { wordRecall: 0.99, nid: 0.985, headings: 0.95, cells: 0.96, listItems: 0.985, headersAndFooters: 0.95 },
  ],
};

describe("the corpus of Office documents", () => {
  for (const [format, [corpus, least]] of Object.entries(LEAST)) {
    it(`is read well enough: ${format}`, async () => {
      const scores: Scores[] = [];
      for (const { name, mediaType, bytes, truth } of corpus) {
        scores.push(scoreDocument(truth, await buildDocIR({ bytes, mediaType, filename: name })));
      }
      const mean = meanScores(scores);
      for (const [measure, value] of Object.entries(least)) {
        const reached = mean[measure as keyof Scores] ?? 0;
        assert.ok(
          reached >= value,
          `${measure} of ${format} is ${reached}, and at least ${value} is expected`,
        );
      }
    });
  }
});
