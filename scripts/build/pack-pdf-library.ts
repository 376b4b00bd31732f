/**
 * Packs the pdf.js that unpdf carries into public/pdf-library.packed.txt, which the pages serve to browsers. It is a copy, because Bun
 * cannot compile one file both as a module and as text. Done by hand when unpdf changes; src/http/pages/assets.test.ts compares the
 * two.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../..", import.meta.url));
const library = readFileSync(`${root}node_modules/unpdf/dist/pdfjs.mjs`);
const packed = gzipSync(library, { level: 9 }).toString("base64");
writeFileSync(`${root}public/pdf-library.packed.txt`, packed);
console.log(`${library.length} bytes, ${packed.length} packed`);
