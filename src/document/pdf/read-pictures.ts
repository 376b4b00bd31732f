import type { Checkpoint } from "../checkpoint.ts";
import type { OcrEngine } from "../ocr/engine.ts";
import { fragmentsOfPages, type ReadPage, toUnits } from "../ocr/page-of-words.ts";
import { withPictures } from "./load-pictures.ts";
import type { PageContent } from "./page-content.ts";
import { drawPage } from "./page-picture.ts";

/** Whether a page has a picture, and no text that the file gives. */
export function isScanned({ fragments, rotated, hasPicture }: PageContent): boolean {
  return hasPicture && fragments.length === 0 && rotated.length === 0;
}

/**
 * Reads the pages without text from their pictures.
 * @returns the pages with what was read, its words, and the pages with a picture that could not be decoded
 */
export async function readScannedPages(
  bytes: Uint8Array,
  contents: readonly PageContent[],
  { engine, checkpoint }: Readonly<{ engine: OcrEngine; checkpoint: Checkpoint }>,
): Promise<{ contents: PageContent[]; readPages: ReadPage[]; undecoded: number[] }> {
  const readPages: ReadPage[] = [];
  const undecoded: number[] = [];
  await withPictures(
    bytes,
    contents.filter(isScanned).map(({ n }) => n),
    {
      checkpoint,
      use: ({ n, w, h, pictures, isWhole }) => {
        if (!isWhole) undecoded.push(n);
        if (pictures.length === 0) return;
        const picture = drawPage(pictures, { w, h });
        readPages.push({ n, w, h, lines: toUnits(engine.read(picture), picture.dpi) });
      },
    },
  );
  const fragments = fragmentsOfPages(readPages);
  return {
    contents: contents.map((page) => ({ ...page, fragments: fragments.get(page.n) ?? page.fragments })),
    readPages,
    undecoded,
  };
}
