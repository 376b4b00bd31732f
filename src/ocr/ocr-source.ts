import type { OcrEngine } from "../document/ocr/engine.ts";
import { StartFailure } from "../failure.ts";
import type { OcrSource } from "../flow/derivation/derive.ts";
import { type OcrFiles, readOcrFiles } from "./ocr-files.ts";
import { startTesseract } from "./tesseract.ts";

/**
 * Engines by the settings of this program.
 * @param languages of the documents of this program; null reads no pictures, but a recipe that names languages can be run again
 */
export function createOcrSource({
  languages,
  folders,
}: Readonly<{ languages: string | null; folders: readonly string[] }>): OcrSource {
  let read: Readonly<{ languages: string; files: Promise<OcrFiles> }> | undefined;
  return {
    languages,
    async open(wanted: string): Promise<OcrEngine | null> {
      if (read?.languages !== wanted) read = { languages: wanted, files: readOcrFiles(wanted, folders) };
      try {
        return await startTesseract(await read.files);
      } catch (error) {
        if (!(error instanceof StartFailure)) throw error;
        read = undefined;
        // A document of the service would silently lose its text; a recipe of a bundle is not known here.
        if (wanted === languages) throw error;
        return null;
      }
    },
  };
}
