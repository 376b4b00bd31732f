import { libs } from "../libs.ts";
import type { OcrEngine } from "../ocr/engine.ts";
import { earlierReader, NO_CHARSET, type ParsedDocument, type Reader, type ReaderInput } from "../reader.ts";
import type { Recipe } from "../schema.ts";
import { PICTURE_NOT_READ, TEXT_FROM_PICTURES } from "../warnings.ts";
import { NEWEST_PDF_RULES, type PdfRules } from "./rules.ts";

const RECIPE: Recipe = {
  name: "jejakekal.pdf",
  version: "4",
  params: { order: "stream, else cut" },
  libs: libs("unpdf"),
};

const OCR_RECIPE = { name: "jejakekal.pdf-ocr", version: "3" };

/** The recipes with pictures count their versions on their own: one less than the rules of PDF. */
function ocrRecipeOf(rules: PdfRules): Pick<Recipe, "name" | "version"> {
  return { name: OCR_RECIPE.name, version: String(rules - 1) };
}

/** A document whose pictures were read has a recipe of its own: the engine and its data decide what it says. */
function recipeWithOcr({ recipe: { params, libs: ocrLibs } }: OcrEngine, rules: PdfRules): Recipe {
  return {
    ...ocrRecipeOf(rules),
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
    const rules = rulesOf(earlierVersion);
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

function rulesOf(earlierVersion: string | undefined): PdfRules {
  if (earlierVersion === undefined) return NEWEST_PDF_RULES;
  return earlierVersion === "3" ? 3 : 2;
}

/** As the recipes before read, with and without OCR. */
export const earlierPdfReaders: readonly Reader[] = ([2, 3] as const).map((rules) => ({
  ...earlierReader(pdfReader, String(rules)),
  ocrRecipe: ocrRecipeOf(rules),
}));

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
