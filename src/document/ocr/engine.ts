import type { Box } from "../pdf/page-content.ts";

/** What stands for the engine in a recipe: another engine or other data may give another text. */
export type OcrRecipe = Readonly<{
  params: Readonly<Record<string, string>>;
  libs: Readonly<Record<string, string>>;
}>;

/** A picture of text: grey values from 0 (black) to 255, row by row from the top. */
export type GreyPicture = Readonly<{ width: number; height: number; dpi: number; grey: Uint8Array }>;

/** A picture as the bytes of a PNG or JPEG file, which the engine decodes. */
export type PictureFile = Readonly<{ file: Uint8Array; dpi: number }>;

/** A word as the engine reads it. Lengths are pixels from the top left; `confidence` is 0 to 100. */
export type OcrWord = Readonly<{ text: string; box: Box; confidence: number }>;

/** A line of words. `size` is the height of its row of letters, about the size of its font. */
export type OcrLine = Readonly<{ words: readonly OcrWord[]; baseline: number; size: number }>;

/** Reads text in pictures. The same pictures in the same order give the same lines on every host. */
export type OcrEngine = Readonly<{
  recipe: OcrRecipe;
  /** @throws RunFailure FAILED_TOO_LARGE for a picture for which the engine has no memory */
  read(picture: GreyPicture | PictureFile): readonly OcrLine[];
  close(): void;
}>;

/** Opens an engine for one document. Null where this program has none. */
export type OpenOcrEngine = () => Promise<OcrEngine | null>;

/** The languages of a recipe with OCR, joined by "+"; null for a recipe without. */
export function ocrLanguagesOf(params: unknown): string | null {
  const { ocr } = (params ?? {}) as Readonly<{ ocr?: unknown }>;
  return typeof ocr === "string" ? ocr : null;
}
