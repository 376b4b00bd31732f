/** nDCG@10 of the search over the judged documents, beside plain BM25 over the same ones. */
import { completeRun } from "../../src/client.ts";
import { pollUntil } from "../../src/poll.ts";
import { startBenchProgram } from "../bench/program.ts";
import { type JudgedQuery, PASSAGES, QUERIES } from "./judged.ts";

const DEPTH = 10;

type Answer = Readonly<{ unindexed: number; hits: readonly Readonly<{ run_id: string }>[] }>;

const program = await startBenchProgram("quality");
for (const { id, text } of PASSAGES) {
  await completeRun(program.apiUrl, { source: text, workflowId: id, sleepMs: 1 });
}
await pollUntil("all documents are indexed", async () => (await search("harbour")).unindexed === 0, {
  timeoutMs: 60_000,
});

const rankByBm25 = createBm25(PASSAGES.map(({ id, text }) => [id, wordsOf(text)] as const));
const scores: [query: string, search: number, bm25: number][] = [];
for (const judged of QUERIES) {
  const found = (await search(judged.query)).hits.map(({ run_id }) => run_id);
  scores.push([judged.query, ndcg(found, judged), ndcg(rankByBm25(judged.query), judged)]);
}
await program.close();

for (const [query, ours, bm25] of scores) console.log(`${ours.toFixed(3)}  ${bm25.toFixed(3)}  ${query}`);
const mean = (column: 1 | 2) => scores.reduce((sum, row) => sum + row[column], 0) / scores.length;
const [ours, bm25] = [mean(1), mean(2)];
console.log(
  `nDCG@${DEPTH} over ${scores.length} queries: search ${ours.toFixed(3)}, BM25 ${bm25.toFixed(3)}`,
);
process.exit(ours >= bm25 ? 0 : 1);

async function search(query: string): Promise<Answer> {
  const response = await fetch(`${program.apiUrl}/search?${new URLSearchParams({ q: query })}`);
  if (!response.ok) throw new Error(`${query}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** Discounted gain of the first ten, as a share of the best there is. */
function ndcg(ranked: readonly string[], { relevant }: JudgedQuery): number {
  const gainOf = (grades: readonly number[]) =>
    grades.slice(0, DEPTH).reduce((sum, grade, at) => sum + (2 ** grade - 1) / Math.log2(at + 2), 0);
  const best = Object.values(relevant).sort((a, b) => b - a);
  return gainOf(ranked.map((id) => relevant[id] ?? 0)) / gainOf(best);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** As it is usually set: k1 1.2, b 0.75, words as they are written. */
function createBm25(documents: readonly (readonly [id: string, words: readonly string[]])[]) {
  const [k1, b] = [1.2, 0.75];
  const average = documents.reduce((sum, [, words]) => sum + words.length, 0) / documents.length;
  const having = new Map<string, number>();
  for (const [, words] of documents)
    for (const word of new Set(words)) having.set(word, (having.get(word) ?? 0) + 1);
  const scoreOf = (words: readonly string[], query: readonly string[]) =>
    query.reduce((sum, word) => {
      const count = words.filter((one) => one === word).length;
      const n = having.get(word) ?? 0;
      const idf = Math.log(1 + (documents.length - n + 0.5) / (n + 0.5));
      return sum + (idf * count * (k1 + 1)) / (count + k1 * (1 - b + (b * words.length) / average));
    }, 0);
  return (query: string): readonly string[] =>
    documents
      .map(([id, words]) => [id, scoreOf(words, wordsOf(query))] as const)
      .filter(([, score]) => score > 0)
      .sort((x, y) => y[1] - x[1] || x[0].localeCompare(y[0]))
      .map(([id]) => id);
}
