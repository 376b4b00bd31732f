import { libs } from "../libs.ts";
import { NO_CHARSET, type Reader } from "../reader.ts";

/**
 * PDF: the text of each page in reading order, by where it stands. The library is imported when the first PDF comes.
 * Throws as `loadPages` does.
 */
export const pdfReader: Reader = {
  recipe: { name: "jejakekal.pdf", version: "2", params: { order: "stream, else cut" }, libs: libs("unpdf") },
  read: async ({ bytes, checkpoint }) => {
    const { loadPages } = await import("./load-pages.ts");
    const { readBlocks } = await import("./read-blocks.ts");
    const { blocks, pages } = readBlocks(await loadPages(bytes, checkpoint), checkpoint);
    return { source: NO_CHARSET, blocks, pages, warnings: [] };
  },
};
