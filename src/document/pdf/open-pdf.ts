import type { getDocument, PDFDocumentProxy } from "unpdf/pdfjs";
import { Failure, RunFailure } from "../../failure.ts";
import { CMapFactory } from "./cmaps.ts";

type Opening = Extract<Parameters<typeof getDocument>[0], { data?: unknown }>;
type OpenPdf = Readonly<{ document: PDFDocumentProxy; ops: Readonly<Record<string, number>> }>;

/**
 * Opens a PDF, and closes it after its use.
 * @param maxImageSize the pixels of a picture that is decoded, at most; 0 decodes none
 * @throws RunFailure FAILED_ENCRYPTED, FAILED_CORRUPT, FAILED_TOO_LARGE, and what `use` throws
 */
export async function withPdf<Result>(
  bytes: Uint8Array,
  { maxImageSize }: Readonly<{ maxImageSize: number }>,
  use: (pdf: OpenPdf) => Promise<Result>,
): Promise<Result> {
  const library = await import("unpdf/pdfjs");
  const task = library.getDocument({ ...openingOf(bytes), maxImageSize });
  try {
    return await use({ document: await task.promise, ops: library.OPS });
  } catch (error) {
    throw asFailure(error);
  } finally {
    await task.destroy();
  }
}

function openingOf(bytes: Uint8Array): Opening {
  return {
    // The library takes the buffer for itself.
    data: Uint8Array.from(bytes),
    verbosity: 0,
    // The same on every host: nothing of the system, nothing from elsewhere.
    useSystemFonts: false,
    disableFontFace: false,
    useWorkerFetch: false,
    useWasm: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
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
