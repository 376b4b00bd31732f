/** Prints how well the documents in a folder are read that `print.ts` made: bun scripts/corpus/foreign/report.ts [FOLDER] */
import { buildDocIR } from "../../../src/document/index.ts";
import { meanScores, type Scores, scoreDocument } from "../score.ts";
import { readForeignCorpus } from "./files.ts";

const formatted = (scores: Scores) =>
  Object.entries(scores)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join("  ");

for (const format of ["pdf", "docx", "html"] as const) {
  const byKind = new Map<string, Scores[]>();
  for (const { name, bytes, mediaType, truth } of readForeignCorpus(format, process.argv[2])) {
    const scores = scoreDocument(truth, await buildDocIR({ bytes, mediaType, filename: name }));
    console.log(`  ${name}: ${formatted(scores)}`);
    const [kind = ""] = name.split("-");
    byKind.set(kind, [...(byKind.get(kind) ?? []), scores]);
  }
  for (const [kind, all] of byKind)
    console.log(`${format} ${kind} (${all.length} documents): ${formatted(meanScores(all))}`);
}
