/** The list of runs, the overview and the search with 100,000 runs and 100,000 chunks stored. Writes no budget: its figures are in docs. */
import { createHash } from "node:crypto";
import pg from "pg";
import { canonicalJsonBytes } from "../../src/canonical-json.ts";
import { completeRun } from "../../src/client.ts";
import type { Chunk, ChunkIndex } from "../../src/document/schema.ts";
import { pollUntil } from "../../src/poll.ts";
import { createSeededRandom } from "../../src/testing/seeded-random.ts";
import { onePageDocument, startBenchProgram } from "./program.ts";
import { storeCopiesOfRun } from "./seed.ts";
import { summarise, timed, writeReport } from "./support.ts";

const RUNS = Number(process.argv[2] ?? 100_000);
const CHUNKS = Number(process.argv[3] ?? 100_000);
const CHUNKS_PER_RUN = 50;
const READS = 100;

const random = createSeededRandom(15);
const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)] as Item;

const SYLLABLES = "ba ce di fo gu ha ke li mo nu pa re si to vu wa xe yi zo qua".split(" ");

/** Words by their rank: the nth is about n times as rare as the first. */
const VOCABULARY = Array.from({ length: 30_000 }, (_, rank) => {
  let word = "";
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
});

const wordByRank = () => VOCABULARY[Math.floor(VOCABULARY.length ** random.next()) - 1] ?? "ba";
const words = (count: number) => Array.from({ length: count }, wordByRank).join(" ");

const program = await startBenchProgram("many");
const { run_id: runId } = await completeRun(program.apiUrl, { source: onePageDocument(0), sleepMs: 1 });
const client = new pg.Client({ connectionString: program.databaseUrl });
await client.connect();
// Copies are indexed below, with texts of their own.
await client.query("set session_replication_role = replica");
const runIds = await storeCopiesOfRun(client, runId, RUNS);
const titles = runIds.map(() => words(5));
await client.query(
  `update jejakekal.artifact a set title = t.title
     from unnest($1::text[], $2::text[]) as t (run_id, title)
    where a.run_id = t.run_id and a.type in ('docir', 'raw')`,
  [runIds, titles],
);
const texts = await storeChunks();
await client.query("vacuum (analyze)");
await pollUntil(
  "all chunks are indexed",
  async () => ((await readJson("/search?q=nothing")) as { unindexed: number }).unindexed === 0,
  { timeoutMs: 900_000, intervalMs: 1_000 },
);

const samples: Record<string, number[]> = {};
const measure = async (what: string, pathOf: () => string) => {
  const kept: number[] = [];
  for (let read = -5; read < READS; read += 1) {
    const path = pathOf();
    await timed(read < 0 ? [] : kept, () => readJson(path));
  }
  samples[what] = kept;
};

await measure("GET /runs", () => "/runs");
await measure("GET /runs, a word of many titles", () => `/runs?q=${VOCABULARY[0]}`);
await measure("GET /runs, a word of few titles", () => `/runs?q=${pick(titles).split(" ").at(-1)}`);
await measure("GET /runs, a word of no title", () => "/runs?q=nowhere");
await measure("GET /runs, a format of no run", () => "/runs?type=pdf");
await measure("GET /overview", () => "/overview");
await measure("GET /search", nextSearch);

await client.end();
await program.close();
writeReport(
  "many",
  {},
  Object.fromEntries(Object.entries(samples).map(([what, kept]) => [what, summarise(kept)])),
);
process.exit(0);

/** Gives a part of the copies chunk indexes of their own; returns some of the texts. */
async function storeChunks(): Promise<readonly string[]> {
  const { content } = (await readJson(`/artifacts/${runId}:chunk-index`)) as { content: ChunkIndex };
  const [template] = content.chunks;
  if (template === undefined) throw new Error("the document has no chunk");
  const some: string[] = [];
  for (const id of runIds.slice(0, Math.ceil(CHUNKS / CHUNKS_PER_RUN))) {
    const chunks = Array.from({ length: CHUNKS_PER_RUN }, (_, index) =>
      chunkLike(template, `${id} ${index}`),
    );
    some.push(chunks[0]?.text ?? "");
    await storeIndex(id, canonicalJsonBytes({ ...content, chunks }));
  }
  return some;
}

function chunkLike(template: Chunk, name: string): Chunk {
  const hash = createHash("sha256").update(name).digest("hex");
  const heading = words(3);
  return {
    ...template,
    id: `c_${hash.slice(0, 16)}`,
    simhash: hash.slice(16, 32),
    headingPath: [heading],
    text: `${heading}\n${words(80)}`,
  };
}

async function storeIndex(id: string, bytes: Uint8Array): Promise<void> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await client.query("insert into jejakekal.blob (sha256, bytes) values ($1, $2)", [sha256, bytes]);
  await client.query(
    "update jejakekal.artifact set sha256 = $2, bytes = $3 where run_id = $1 and type = 'chunk-index'",
    [id, sha256, bytes.length],
  );
  await client.query("insert into jejakekal.search_pending (run_id) values ($1)", [id]);
}

/** One word, several, a phrase, a misspelt word, a prefix, and a filter, in turn. */
function nextSearch(): string {
  const text = pick(texts).split(/\s+/);
  const at = random.below(text.length - 3);
  const [first = "", second = "", third = ""] = text.slice(at);
  const query = pick([
    first,
    `${first} ${second} ${third}`,
    `"${first} ${second}"`,
    `${first.slice(0, -1)}x ${second}`,
    `${first.slice(0, 3)}*`,
    `${first} ${second} status:done`,
    `${first} -${second}`,
  ]);
  return `/search?q=${encodeURIComponent(query)}`;
}

async function readJson(path: string): Promise<unknown> {
  const response = await fetch(program.apiUrl + path);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
