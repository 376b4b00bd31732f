/** The document pipeline: bytes → docir → chunk index → memo. Pure: no clock, random, environment, file or network. */
export type { Checkpoint } from "./checkpoint.ts";
export { buildChunkIndex } from "./chunk/chunk.ts";
export { loadTokenizer } from "./chunk/tokens.ts";
export { REVIEW_BELOW } from "./confidence.ts";
export { detectMediaType } from "./detect.ts";
export { buildDocIR, isInterruptible, isReadableDocument } from "./docir.ts";
export { findFormat } from "./formats.ts";
export { findSafeCut, shorten } from "./grapheme.ts";
export { extractAttachment } from "./mail/attachments.ts";
export { mediaTypeOf, parseMediaType, shortestMediaType } from "./media-type.ts";
export { onOneLine } from "./memo/citation.ts";
export { writeFiguresAsCsv } from "./memo/figures-csv.ts";
export { writeMemoAsHtml } from "./memo/html.ts";
export { writeMemoAsMarkdown } from "./memo/markdown.ts";
export { buildMemo, isMemoMethod } from "./memo/memo.ts";
export { findTitle } from "./memo/title.ts";
export {
  READABLE_FORMATS,
  READABLE_FORMATS_WITH_OCR,
  readableFormatNames,
  readersOfRecipe,
} from "./readers.ts";
export { RECIPES } from "./recipes.ts";
export * from "./schema.ts";
export { decode } from "./text/decode.ts";
