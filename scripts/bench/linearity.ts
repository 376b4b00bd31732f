/**
 * How the processor time of all three artifacts grows with the size of a document: bun scripts/bench/linearity.ts [FORMAT…]
 *
 * For each format of `SIZED_TEXTS` it prints the time for 10 kB, and for twice as much up to 10 MB, each with its ratio to the one
 * before. Linear work has a ratio of 2.
 */
import { loadTokenizer } from "../../src/document/index.ts";
import { deriveAll } from "../../src/flow/derivation/derive.ts";
import { SIZED_TEXTS, type SizedText } from "./large-documents.ts";

const SMALLEST_BYTES = 10_000;
const DOUBLINGS = 10;

/**
 * Documents are derived again until they have taken so long together, and twice at least, because in the first of a size the heap grows.
 * The least time counts.
 */
const MEASURED_MS = 1_500;
const LEAST_ROUNDS = 2;

const names = process.argv.slice(2);
await loadTokenizer();
for (const [format, document] of Object.entries(SIZED_TEXTS)) {
  if (names.length > 0 && !names.includes(format)) continue;
  await measure(document, SMALLEST_BYTES);
  let before: number | undefined;
  for (let doubling = 0; doubling <= DOUBLINGS; doubling += 1) {
    const bytes = SMALLEST_BYTES * 2 ** doubling;
    const ms = await measure(document, bytes);
    const ratio = before === undefined ? "" : `, ${(ms / before).toFixed(2)} times`;
    console.log(`${format}, ${bytes / 1000} kB: ${ms.toFixed(1)} ms${ratio}`);
    before = ms;
  }
}

/** The least processor time of several derivations, in milliseconds. */
async function measure({ create, mediaType }: SizedText, bytes: number): Promise<number> {
  const document = Buffer.from(create(bytes));
  let least = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let round = 0; round < LEAST_ROUNDS || spent < MEASURED_MS; round += 1) {
    const began = process.cpuUsage();
    await deriveAll(document, mediaType);
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / 1000);
    spent += (user + system) / 1000;
  }
  return least;
}
