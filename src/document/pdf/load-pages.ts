import type { PDFDocumentProxy, PDFPageProxy } from "unpdf/pdfjs";
import { Failure, RunFailure } from "../../failure.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { PLAIN, styleOfFont } from "./font-style.ts";
import { withPdf } from "./open-pdf.ts";
import type { FontStyle, PageContent } from "./page-content.ts";
import { readShapes } from "./page-shapes.ts";
import { type Matrix, readFragments, type TextItem } from "./page-text.ts";

/** What is read at most. A file of more is refused as soon as that shows. */
export type PdfLimits = Readonly<{
  bytes: number;
  pages: number;
  /** Runs of characters on one page. A small file can draw the same text any number of times. */
  itemsPerPage: number;
  items: number;
}>;

const LIMITS: PdfLimits = {
  bytes: 32 * 1024 * 1024,
  pages: 1000,
  itemsPerPage: 150_000,
  items: 1_000_000,
};

/**
 * The pages of a PDF as the library reads them.
 * @throws RunFailure FAILED_ENCRYPTED, FAILED_CORRUPT, or FAILED_TOO_LARGE for more text than is read;
 * Failure("payload_too_large") for more bytes or pages
 */
export async function loadPages(
  bytes: Uint8Array,
  checkpoint: Checkpoint,
  limits: PdfLimits = LIMITS,
): Promise<PageContent[]> {
  if (bytes.length > limits.bytes) throw new Failure("payload_too_large", { limit_bytes: limits.bytes });
  // Pictures are not decoded here: most pages need only their place.
  return await withPdf(bytes, { maxImageSize: 0 }, ({ document, ops }) => {
    if (document.numPages > limits.pages)
      throw new Failure("payload_too_large", { limit_pages: limits.pages });
    return readPages(document, ops, { checkpoint, limits });
  });
}

async function readPages(
  document: PDFDocumentProxy,
  ops: Readonly<Record<string, number>>,
  { checkpoint, limits }: Readonly<{ checkpoint: Checkpoint; limits: PdfLimits }>,
): Promise<PageContent[]> {
  const pages: PageContent[] = [];
  const fonts = new Map<string, FontStyle | null>();
  let left = limits.items;
  for (let n = 1; n <= document.numPages; n += 1) {
    checkpoint();
    const page = await document.getPage(n);
    const text = await readText(page, Math.min(left, limits.itemsPerPage), checkpoint);
    left -= text.items.length;
    pages.push(await readPage(page, text, { n, ops, fonts }));
    page.cleanup();
  }
  return pages;
}

type PageText = Pick<Awaited<ReturnType<PDFPageProxy["getTextContent"]>>, "styles"> & { items: TextItem[] };

/** As `getTextContent` of the library, which has no limit. */
async function readText(page: PDFPageProxy, maxItems: number, checkpoint: Checkpoint): Promise<PageText> {
  const reader = page.streamTextContent({ disableNormalization: true }).getReader();
  const text: PageText = { items: [], styles: {} };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text;
      checkpoint();
      Object.assign(text.styles, value.styles);
      for (const item of value.items) if ("str" in item) text.items.push(item);
      if (text.items.length > maxItems) throw new RunFailure("FAILED_TOO_LARGE");
    }
  } catch (error) {
    // Otherwise the library goes on reading the page, and its end waits for that.
    await reader.cancel(error);
    throw error;
  }
}

async function readPage(
  page: PDFPageProxy,
  { items, styles }: PageText,
  {
    n,
    ops,
    fonts,
  }: Readonly<{ n: number; ops: Readonly<Record<string, number>>; fonts: Map<string, FontStyle | null> }>,
): Promise<PageContent> {
  const viewport = page.getViewport({ scale: 100 });
  const toPage = viewport.transform as unknown as Matrix;
  const size = { w: Math.round(viewport.width), h: Math.round(viewport.height) };
  const operators = await page.getOperatorList({ annotationMode: 0 });
  for (const name of Object.keys(styles)) {
    if (fonts.has(name)) continue;
    const font: { name?: string } | null = page.commonObjs.has(name) ? page.commonObjs.get(name) : null;
    fonts.set(name, font?.name === undefined ? PLAIN : styleOfFont(font.name));
  }
  return {
    n,
    ...size,
    ...readFragments(items, { styles, fonts }, toPage, size),
    ...readShapes(operators, ops, toPage, size),
  };
}
