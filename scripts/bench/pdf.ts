/**
 * The time to read PDFs, beside the time in which the library alone gives their text and operators: bun scripts/bench/pdf.ts [FILE…]
 * Without files, the printed pages of the corpus. Processor time, because other processes on the machine do not count.
 */
import { readFileSync } from "node:fs";
import { getDocument } from "unpdf/pdfjs";
import { buildDocIR } from "../../src/document/index.ts";
import { createPdfCorpus } from "../corpus/pdf.ts";

const ROUNDS = 5;
const files = process.argv.slice(2).map((path) => new Uint8Array(readFileSync(path)));
const documents = files.length > 0 ? files : createPdfCorpus().map(({ bytes }) => bytes);

const library = await measure(readByLibrary);
const ours = await measure(async (bytes) => {
  await buildDocIR({ bytes, mediaType: "application/pdf" });
});
console.log(
  `library alone ${library.toFixed(0)} ms, docir ${ours.toFixed(0)} ms: ${(library / ours).toFixed(2)} times its speed`,
);

async function readByLibrary(bytes: Uint8Array): Promise<void> {
  const task = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
  const document = await task.promise;
  for (let n = 1; n <= document.numPages; n += 1) {
    const page = await document.getPage(n);
    await page.getTextContent();
    await page.getOperatorList();
    page.cleanup();
  }
  await task.destroy();
}

/** The least processor time of several rounds over all documents, in milliseconds; the first round warms up. */
async function measure(read: (bytes: Uint8Array) => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = process.cpuUsage();
    for (const bytes of documents) await read(bytes);
    const { user, system } = process.cpuUsage(began);
    if (round > 0) least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
