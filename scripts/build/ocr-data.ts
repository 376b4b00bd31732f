/** Packs the engine and the data of OCR, which the executables do not carry, as a download of its own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

/** Unpacked, it is a folder `ocr-data` for `JEJAKEKAL_HOME` or the folder of the program. */
export const OCR_ARCHIVE = "jejakekal-ocr-data-eng.tar.gz";

export const OCR_PACKAGES: readonly string[] = ["tesseract.js-core", "@tesseract.js-data/eng"];

/** What the archive has, and where it comes from in node_modules. */
const FILES = [
  ["LICENSE", "tesseract.js-core/LICENSE"],
  ["tesseract-core-simd-lstm.js", "tesseract.js-core/tesseract-core-simd-lstm.js"],
  ["tesseract-core-simd-lstm.wasm", "tesseract.js-core/tesseract-core-simd-lstm.wasm"],
  ["eng.traineddata.gz", "@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz"],
] as const;

/** The same packages give the same bytes. */
export async function packOcrData(root: string): Promise<Uint8Array> {
  const entries = FILES.map(([name, source]) => {
    const body = readFileSync(join(root, "node_modules", source));
    const owner = { uid: 0, gid: 0, mtime: new Date(0) };
    return { header: { name: `ocr-data/${name}`, ...owner, size: body.length, mode: 0o644 }, body };
  });
  return gzipSync(await packTar(entries), { level: 9 });
}
