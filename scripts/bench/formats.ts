/**
 * The processor time of our readers beside that of a library on the same bytes:
 * bun scripts/bench/formats.ts markdown|pdf|docx|xlsx [--libraries FOLDER] [FILE…]
 *
 * - markdown: all three artifacts, and HTML by micromark
 * - pdf: docir, and text and operators by pdf.js
 * - docx: docir, and HTML by mammoth
 * - xlsx: docir, and rows by read-excel-file
 *
 * The last two are no dependencies: `npm install mammoth read-excel-file` in a folder, and name it. Without files, the documents of the
 * corpus are read; for Markdown a log of 1 MB, for XLSX a sheet of 80,000 cells.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { getDocument } from "unpdf/pdfjs";
import { buildDocIR, loadTokenizer } from "../../src/document/index.ts";
import { buildXlsx } from "../../src/document/ooxml/xlsx/test-xlsx.ts";
import { deriveAll } from "../../src/flow/derivation/derive.ts";
import { DOCX_CORPUS } from "../corpus/docx.ts";
import { createPdfCorpus } from "../corpus/pdf.ts";
import { onePageDocument } from "./program.ts";
import { ROOT } from "./support.ts";

const ROUNDS = 4;
const MARKDOWN_BYTES = 1_000_000;
const SHEET_ROWS = 10_000;

type Read = (bytes: Uint8Array) => Promise<unknown>;
type Comparison = Readonly<{ library: string; byLibrary: Read; ours: Read; create(): readonly Uint8Array[] }>;

const { values, positionals } = parseArgs({
  options: { libraries: { type: "string", default: ROOT } },
  allowPositionals: true,
});
const [format = "", ...paths] = positionals;
const requireLibrary = createRequire(resolve(values.libraries, "package.json"));

const OFFICE = "application/vnd.openxmlformats-officedocument";
const readDocIR =
  (mediaType: string): Read =>
  (bytes) =>
    buildDocIR({ bytes, mediaType });

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  markdown: {
    library: "micromark",
    byLibrary: async (bytes) =>
      micromark(Buffer.from(bytes), { extensions: [gfm()], htmlExtensions: [gfmHtml()] }),
    ours: (bytes) => deriveAll(bytes, "text/markdown"),
    create: () => [Buffer.from(createLog())],
  },
  pdf: {
    library: "pdf.js",
    byLibrary: readByPdfJs,
    ours: readDocIR("application/pdf"),
    create: () => createPdfCorpus().map(({ bytes }) => bytes),
  },
  docx: {
    library: "mammoth",
    byLibrary: async (bytes) => requireLibrary("mammoth").convertToHtml({ buffer: Buffer.from(bytes) }),
    ours: readDocIR(`${OFFICE}.wordprocessingml.document`),
    create: () => DOCX_CORPUS.map(({ bytes }) => bytes),
  },
  xlsx: {
    library: "read-excel-file",
    byLibrary: async (bytes) => requireLibrary("read-excel-file/node").default(Buffer.from(bytes)),
    ours: readDocIR(`${OFFICE}.spreadsheetml.sheet`),
    create: () => [createSheet()],
  },
};

const comparison = COMPARISONS[format];
if (comparison === undefined) throw new Error(`name one of ${Object.keys(COMPARISONS).join(", ")}`);
const given =
  paths.length > 0 ? paths.map((path) => new Uint8Array(readFileSync(path))) : comparison.create();
const documents = await selectReadable(given, comparison.byLibrary);
await loadTokenizer();
const byLibrary = await measure(comparison.byLibrary);
const ours = await measure(comparison.ours);
console.log(
  `${format}: ${comparison.library} ${byLibrary.toFixed(0)} ms, ours ${ours.toFixed(0)} ms: ${(byLibrary / ours).toFixed(2)} times its speed`,
);

/** Without those that the library refuses. */
async function selectReadable(all: readonly Uint8Array[], read: Read): Promise<readonly Uint8Array[]> {
  const readable: Uint8Array[] = [];
  for (const bytes of all) {
    const isRead = await read(bytes).then(
      () => true,
      () => false,
    );
    if (isRead) readable.push(bytes);
  }
  if (readable.length === 0) throw new Error("the library reads none of the documents, or is not installed");
  return readable;
}

/** The least processor time of several rounds over all documents, in milliseconds; the first round warms up. */
async function measure(read: Read): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = process.cpuUsage();
    for (const bytes of documents) await read(bytes);
    const { user, system } = process.cpuUsage(began);
    if (round > 0) least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

async function readByPdfJs(bytes: Uint8Array): Promise<void> {
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

function createLog(): string {
  let text = "";
  for (let serial = 1; text.length < MARKDOWN_BYTES; serial += 1) text += `#${onePageDocument(serial)}\n`;
  return text;
}

/** Eight columns: texts, numbers with a format, and plain numbers. */
function createSheet(): Uint8Array {
  const cellOf = (row: number, column: number) => {
    const reference = `${String.fromCharCode(65 + column)}${row}`;
    if (column < 3) return `<c r="${reference}" t="s"><v>${(row * 7 + column) % 500}</v></c>`;
    if (column < 6) return `<c r="${reference}" s="1"><v>${row * column}.25</v></c>`;
    return `<c r="${reference}"><v>${row + column}</v></c>`;
  };
  const rows = Array.from({ length: SHEET_ROWS }, (_, index) => {
    const cells = Array.from({ length: 8 }, (_, column) => cellOf(index + 1, column));
    return `<row r="${index + 1}">${cells.join("")}</row>`;
  });
  return buildXlsx({
    sheets: [{ name: "Data", rows: rows.join("") }],
    strings: Array.from({ length: 500 }, (_, index) => `<t>Text number ${index}</t>`),
    formats: ["0.00"],
  });
}
