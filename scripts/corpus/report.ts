/** Prints how well each format is read: the mean scores over its corpus, and those of each document that has one below 1. */
import { buildDocIR } from "../../src/document/index.ts";
import { createCorpora } from "./corpora.ts";
import { meanScores, type Scores, scoreDocument } from "./score.ts";

const formatted = (scores: Scores) =>
  Object.entries(scores)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join("  ");

for (const [format, documents] of Object.entries(createCorpora())) {
  const all: Scores[] = [];
  for (const { name, bytes, mediaType, truth } of documents) {
    const scores = scoreDocument(truth, await buildDocIR({ bytes, mediaType, filename: name }));
    all.push(scores);
    if (Object.values(scores).some((value) => value < 1)) console.log(`  ${name}: ${formatted(scores)}`);
  }
  console.log(`${format} (${documents.length} documents): ${formatted(meanScores(all))}`);
}
