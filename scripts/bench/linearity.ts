/**
 * How the processor time of all three artifacts grows with the size of a document: bun scripts/bench/linearity.ts [FORMAT…]
 *
 * For each format of `SIZED_TEXTS` it prints the time for 10 kB, and for twice as much up to 10 MB, each with its ratio to the one
 * before. Linear work has a ratio of 2.
 */
import { loadTokenizer } from "../../src/document/index.ts";
import { deriveAll } from "../../src/flow/derivation/derive.ts";
import { SIZED_TEXTS } from "./large-documents.ts";

const SMALLEST_BYTES = 10_000;
const DOUBLINGS = 10;

/** Small documents are derived again until they have taken so long together. */
const MEASURED_MS = 1_000;

const formats = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SIZED_TEXTS);
await loadTokenizer();
for (const format of formats) {
  await measure(format, SMALLEST_BYTES);
  let before: number | undefined;
  for (let doubling = 0; doubling <= DOUBLINGS; doubling += 1) {
    const bytes = SMALLEST_BYTES * 2 ** doubling;
    const ms = await measure(format, bytes);
    const ratio = before === undefined ? "" : `, ${(ms / before).toFixed(2)} times`;
    console.log(`${format}, ${bytes / 1000} kB: ${ms.toFixed(1)} ms${ratio}`);
    before = ms;
  }
}

/** The mean processor time, in milliseconds. */
async function measure(format: string, bytes: number): Promise<number> {
  const found = SIZED_TEXTS[format];
  if (found === undefined) throw new Error(`name one of ${Object.keys(SIZED_TEXTS).join(", ")}`);
  const document = Buffer.from(found.create(bytes));
  let spentMs = 0;
  let times = 0;
  for (; spentMs < MEASURED_MS; times += 1) {
    const began = process.cpuUsage();
    await deriveAll(document, found.mediaType);
    const { user, system } = process.cpuUsage(began);
    spentMs += (user + system) / 1000;
  }
  return spentMs / times;
}
