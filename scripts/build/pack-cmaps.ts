/**
 * Packs the predefined CMaps of PDF (ISO 32000-1, table 118) into src/document/pdf/cmaps.packed.txt, and their licence into
 * scripts/build/licences/cmaps.txt:
 *
 *   npm pack pdfjs-dist@6.1.200 && tar xf pdfjs-dist-6.1.200.tgz && bun scripts/build/pack-cmaps.ts package/cmaps
 *
 * The version is that of the pdf.js that unpdf carries. Done by hand when that changes; the packed file is kept.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";

/** Names without the direction of writing at their end. The last ones lead from glyphs to characters. */
const PREDEFINED =
  /^(?:GB-EUC|GBpc-EUC|GBK-EUC|GBKp-EUC|GBK2K|UniGB-UCS2|UniGB-UTF16|B5pc|HKscs-B5|ETen-B5|ETenms-B5|CNS-EUC|UniCNS-UCS2|UniCNS-UTF16|83pv-RKSJ|90ms-RKSJ|90msp-RKSJ|90pv-RKSJ|Add-RKSJ|EUC|Ext-RKSJ|UniJIS-UCS2(?:-HW)?|UniJIS-UTF16|UniJIS2004-UTF16|KSC-EUC|KSCms-UHC(?:-HW)?|KSCpc-EUC|UniKS-UCS2|UniKS-UTF16)-[HV]$|^[HV]$|^Adobe-(?:GB1|CNS1|Japan1|Korea1)-UCS2$/;

const root = fileURLToPath(new URL("../..", import.meta.url));
const [folder = ""] = process.argv.slice(2);
const names = readdirSync(folder).filter((file) => PREDEFINED.test(file.replace(/\.bcmap$/, "")));
const files = Object.fromEntries(
  names.sort().map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
);
const zip = zipSync(files, { level: 9, mtime: "1980-01-01T00:00:00" });
writeFileSync(`${root}src/document/pdf/cmaps.packed.txt`, Buffer.from(zip).toString("base64"));
writeFileSync(`${root}scripts/build/licences/cmaps.txt`, readFileSync(join(folder, "LICENSE")));
console.log(`${names.length} CMaps, ${zip.length} bytes`);
