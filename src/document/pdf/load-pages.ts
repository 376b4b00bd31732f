import type { getDocument, PDFDocumentProxy, PDFPageProxy } from "unpdf/pdfjs";
import { Failure, RunFailure } from "../../failure.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { CMapFactory } from "./cmaps.ts";
import { PLAIN, styleOfFont } from "./font-style.ts";
import type { FontStyle, PageContent } from "./page-content.ts";
import { readShapes } from "./page-shapes.ts";
import { type Matrix, readFragments, type TextItem } from "./page-text.ts";

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_PAGES = 1000;

/** Pages with more text are not read: nothing that people write has so much on one page. */
const MAX_ITEMS_PER_DOCUMENT = 4_000_000;

/**
 * The pages of a PDF as the library reads them.
 * @throws RunFailure FAILED_ENCRYPTED, FAILED_CORRUPT, or Failure("payload_too_large") for more bytes, pages or text than are read
 */
export async function loadPages(bytes: Uint8Array, checkpoint: Checkpoint): Promise<PageContent[]> {
  if (bytes.length > MAX_BYTES) throw new Failure("payload_too_large", { limit_bytes: MAX_BYTES });
  const library = await import("unpdf/pdfjs");
  const task = library.getDocument(openingOf(bytes));
  try {
    const document = await task.promise;
    if (document.numPages > MAX_PAGES) throw new Failure("payload_too_large", { limit_pages: MAX_PAGES });
    return await readPages(document, library.OPS, checkpoint);
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
  checkpoint: Checkpoint,
): Promise<PageContent[]> {
  const pages: PageContent[] = [];
  const fonts = new Map<string, FontStyle | null>();
  let items = 0;
  for (let n = 1; n <= document.numPages; n += 1) {
    checkpoint();
    const page = await document.getPage(n);
    const content = await readPage(page, n, ops, fonts);
    page.cleanup();
    items += content.fragments.length;
    if (items > MAX_ITEMS_PER_DOCUMENT) throw new RunFailure("FAILED_TOO_LARGE");
    pages.push(content);
  }
  return pages;
}

async function readPage(
  page: PDFPageProxy,
  n: number,
  ops: Readonly<Record<string, number>>,
  fonts: Map<string, FontStyle | null>,
): Promise<PageContent> {
  const viewport = page.getViewport({ scale: 100 });
  const toPage = viewport.transform as unknown as Matrix;
  const size = { w: Math.round(viewport.width), h: Math.round(viewport.height) };
  const { items, styles } = await page.getTextContent({ disableNormalization: true });
  const operators = await page.getOperatorList({ annotationMode: 0 });
  for (const name of Object.keys(styles)) {
    if (fonts.has(name)) continue;
    const font: { name?: string } | null = page.commonObjs.has(name) ? page.commonObjs.get(name) : null;
    fonts.set(name, font?.name === undefined ? PLAIN : styleOfFont(font.name));
  }
  const text: TextItem[] = items.flatMap((item) => ("str" in item ? [item] : []));
  return {
    n,
    ...size,
    ...readFragments(text, { styles, fonts }, toPage, size),
    ...readShapes(operators, ops, toPage, size),
  };
}
