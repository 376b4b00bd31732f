import { Failure, RunFailure } from "../../failure.ts";
import { addOcrConfidence } from "../ocr/confidence.ts";
import type { OcrEngine } from "../ocr/engine.ts";
import { fragmentsOfPages, toUnits } from "../ocr/page-of-words.ts";
import { readBlocks } from "../pdf/read-blocks.ts";
import { NEWEST_PDF_RULES, type PdfRules } from "../pdf/rules.ts";
import { NO_CHARSET, type Reader } from "../reader.ts";
import type { Recipe } from "../schema.ts";
import { TEXT_FROM_PICTURES } from "../warnings.ts";
import { pictureSizeOf } from "./picture-size.ts";

const RECIPE: Recipe = { name: "jejakekal.image-ocr", version: "3", params: {}, libs: {} };

/** The engine takes some twenty bytes for each pixel. */
const MAX_PIXELS = 30_000_000;

/** A pixel is a point of a page as large as the picture, so that boxes are hundredths of a pixel. */
const DPI = 72;

/**
 * PNG and JPEG: the text in the picture, as that of a PDF with one page.
 * Throws Failure("unsupported_media_type") without an OCR engine, RunFailure FAILED_CORRUPT, FAILED_TOO_LARGE.
 */
export const imageReader: Reader = {
  recipe: RECIPE,
  needsOcr: true,
  read: async ({ bytes, mediaType, checkpoint, openOcr, earlierVersion }) => {
    const engine = (await openOcr?.()) ?? null;
    if (engine === null) throw new Failure("unsupported_media_type", { media_type: mediaType });
    try {
      const size = pictureSizeOf(bytes);
      if (size === null || size.width === 0 || size.height === 0) throw new RunFailure("FAILED_CORRUPT");
      if (size.width * size.height > MAX_PIXELS) throw new RunFailure("FAILED_TOO_LARGE");
      const page = { n: 1, w: size.width * 100, h: size.height * 100 };
      const readPage = { ...page, lines: toUnits(engine.read({ file: bytes, dpi: DPI }), DPI) };
      const content = { rotated: [], rules: [], dots: [], hasPicture: true };
      const fragments = fragmentsOfPages([readPage]).get(1) ?? [];
      return {
        source: NO_CHARSET,
        ...addOcrConfidence(
          readBlocks([{ ...page, ...content, fragments }], checkpoint, rulesOf(earlierVersion)),
          [readPage],
        ),
        warnings: [{ code: TEXT_FROM_PICTURES }],
        recipe: withEngine(engine, earlierVersion),
      };
    } finally {
      engine.close();
    }
  },
};

/** Version 1 had the rules of PDF 2, version 2 those of PDF 3. */
function rulesOf(earlierVersion: string | undefined): PdfRules {
  if (earlierVersion === undefined) return NEWEST_PDF_RULES;
  return earlierVersion === "2" ? 3 : 2;
}

function withEngine({ recipe: { params, libs } }: OcrEngine, version = RECIPE.version): Recipe {
  return { ...RECIPE, version, params: { ...RECIPE.params, ...params }, libs: { ...RECIPE.libs, ...libs } };
}
