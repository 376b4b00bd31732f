/** Prints how well each format is read: the mean score over the corpus, and each document that is below 1. */
import { buildDocIR } from "../../src/document/index.ts";
import { createCorpora, meanOf } from "./corpora.ts";
import { type Score, scoreOf } from "./score.ts";

const formatted = (score: Score) =>
  Object.entries(score)
    .map(([name, value]) => `${name} ${value === null ? "–" : value.toFixed(3)}`)
    .join("  ");

for (const { format, documents } of createCorpora()) {
  const scores: Score[] = [];
  for (const { name, bytes, mediaType, truth } of documents) {
    const score = scoreOf(truth, await buildDocIR({ bytes, mediaType, filename: name }));
    scores.push(score);
    if (Object.values(score).some((value) => value !== null && value < 1))
      console.log(`  ${name}: ${formatted(score)}`);
  }
  console.log(`${format} (${documents.length} documents): ${formatted(meanOf(scores))}`);
}
