import { libs } from "../libs.ts";
import type { OcrEngine } from "../ocr/engine.ts";
import { earlierReader, NO_CHARSET, type ParsedDocument, type Reader, type ReaderInput } from "../reader.ts";
import type { Recipe } from "../schema.ts";
import { PICTURE_NOT_READ, TEXT_FROM_PICTURES } from "../warnings.ts";
import type { PdfRules } from "./rules.ts";

const RECIPE: Recipe = {
  name: "jejakekal.pdf",
  version: "3",
  params: { order: "stream, else cut" },
  libs: libs("unpdf"),
};

const OCR_RECIPE = { name: "jejakekal.pdf-ocr", version: "2" };

const EARLIER_OCR_RECIPE = { name: OCR_RECIPE.name, version: "1" };

/** A document whose pictures were read has a recipe of its own: the engine and its data decide what it says. */
function recipeWithOcr({ recipe: { params, libs: ocrLibs } }: OcrEngine, rules: PdfRules): Recipe {
  return {
    ...OCR_RECIPE,
    version: rules === 2 ? EARLIER_OCR_RECIPE.version : OCR_RECIPE.version,
    params: { ...RECIPE.params, pdf: String(rules), ...params },
    libs: { ...RECIPE.libs, ...ocrLibs },
  };
}

/**
 * PDF: the text of each page in reading order, by where it stands; with an OCR engine also that of scanned pages. The library is
 * imported when the first PDF comes. Throws as `loadPages` does.
 */
export const pdfReader: Reader = {
  recipe: RECIPE,
  ocrRecipe: OCR_RECIPE,
  read: async ({ bytes, checkpoint, openOcr, earlierVersion }) => {
    const rules = earlierVersion === undefined ? 3 : 2;
    const { loadPages } = await import("./load-pages.ts");
    const { readBlocks } = await import("./read-blocks.ts");
    const contents = await loadPages(bytes, checkpoint);
    const { isScanned } = await import("./read-pictures.ts");
    const engine = contents.some(isScanned) ? ((await openOcr?.()) ?? null) : null;
    if (engine === null)
      return { source: NO_CHARSET, ...readBlocks(contents, checkpoint, rules), warnings: [] };
    try {
      return await readWithOcr(bytes, contents, { engine, checkpoint, rules });
    } finally {
      engine.close();
    }
  },
};

/** As the recipes before read, with and without OCR. */
export const earlierPdfReader: Reader = {
  ...earlierReader(pdfReader, "2"),
  ocrRecipe: EARLIER_OCR_RECIPE,
};

async function readWithOcr(
  bytes: Uint8Array,
  scanned: Parameters<typeof import("./read-blocks.ts").readBlocks>[0],
  {
    engine,
    checkpoint,
    rules,
  }: Pick<ReaderInput, "checkpoint"> & Readonly<{ engine: OcrEngine; rules: PdfRules }>,
): Promise<ParsedDocument> {
  const { readScannedPages } = await import("./read-pictures.ts");
  const { readBlocks } = await import("./read-blocks.ts");
  const { addOcrConfidence } = await import("../ocr/confidence.ts");
  const { contents, readPages, undecoded } = await readScannedPages(bytes, scanned, { engine, checkpoint });
  return {
    source: NO_CHARSET,
    ...addOcrConfidence(readBlocks(contents, checkpoint, rules), readPages),
    warnings: [
      ...(readPages.length === 0 ? [] : [{ code: TEXT_FROM_PICTURES }]),
      ...(undecoded.length === 0 ? [] : [{ code: PICTURE_NOT_READ }]),
    ],
    recipe: recipeWithOcr(engine, rules),
  };
}
