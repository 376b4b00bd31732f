import type { getDocument, PDFDocumentProxy, PDFPageProxy } from "unpdf/pdfjs";
import { Failure, RunFailure } from "../../failure.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { CMapFactory } from "./cmaps.ts";
import { PLAIN, styleOfFont } from "./font-style.ts";
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
  const library = await import("unpdf/pdfjs");
  const task = library.getDocument(openingOf(bytes));
  try {
    const document = await task.promise;
    if (document.numPages > limits.pages)
      throw new Failure("payload_too_large", { limit_pages: limits.pages });
    return await readPages(document, library.OPS, { checkpoint, limits });
  } catch (error) {
    throw asFailure(error);
  } finally {
    await task.destroy();
  }
}

type Opening = Extract<Parameters<typeof getDocument>[0], { data?: unknown }>;

function openingOf(bytes: Uint8Array): Opening {
  return {
    // The library takes the buffer for itself.
    data: Uint8Array.from(bytes),
    verbosity: 0,
    // Pictures are not decoded: what they show is not text.
    maxImageSize: 0,
    // The same on every host: nothing of the system, nothing from elsewhere.
    useSystemFonts: false,
    disableFontFace: false,
    useWorkerFetch: false,
    useWasm: false,
    isOffscreenCanvasSupported: false,
    cMapUrl: "cmaps/",
    cMapPacked: true,
    standardFontDataUrl: "fonts/",
    BinaryDataFactory: CMapFactory,
    enableXfa: false,
  };
}

/** Errors of the library have no common class: their names tell them apart. */
function asFailure(error: unknown): unknown {
  if (error instanceof Failure || error instanceof RunFailure || !(error instanceof Error)) return error;
  if (error.name === "PasswordException") return new RunFailure("FAILED_ENCRYPTED", { cause: error });
  if (error instanceof RangeError) return new RunFailure("FAILED_TOO_LARGE", { cause: error });
  return new RunFailure("FAILED_CORRUPT", { cause: error });
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
