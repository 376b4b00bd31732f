/** The document pipeline: bytes → docir → chunk index → memo. Pure: no clock, random, environment, file or network. */
export { buildChunkIndex } from "./chunk/chunk.ts";
export { loadTokenizer } from "./chunk/tokens.ts";
export { REVIEW_BELOW } from "./confidence.ts";
export { detectMediaType } from "./detect.ts";
export { buildDocIR, isReadableDocument } from "./docir.ts";
export { findFormat } from "./formats.ts";
export { findSafeCut, shorten } from "./grapheme.ts";
export { estimateTokens } from "./markdown/estimate.ts";
export { mediaTypeOf, parseMediaType, shortestMediaType } from "./media-type.ts";
export { buildMemo } from "./memo/memo.ts";
export { READABLE_FORMATS, readableFormatNames } from "./readers.ts";
export * from "./schema.ts";
export { decode } from "./text/decode.ts";
