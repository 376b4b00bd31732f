import { sha256Hex } from "../../sha256.ts";
import { placeOf } from "../anchors.ts";
import { findSafeCut } from "../grapheme.ts";
import { shortId } from "../ids.ts";
import type { Block, ChunkIndex, Citation, DocIR, Span } from "../schema.ts";
import { MEMO_SCHEMA } from "../schema.ts";

/** A quote is a sentence or so; of a longer passage its start is cited. */
const MAX_QUOTE_UNITS = 1000;

type ChunkPart = { chunkId: string; span: Span };

export type Citations = Readonly<{
  /** Cites a span in a block, in support of the claim at a JSON pointer into the memo. */
  cite(claim: string, block: Block, span: Span): Citation;
  /** Whether a citation of the span quotes all of it. */
  isWhole(block: Block, span: Span): boolean;
}>;

/**
 * Prepares the citing of one document. A citation quotes what lies in the chunk that holds the start of the span, up to
 * 1,000 UTF-16 units; so its span always lies in its chunk, and its quote is always `docir.text.slice(span)`.
 */
export function createCitationBuilder(docir: DocIR, chunkIndex: ChunkIndex): Citations {
  const parts = partsByBlock(chunkIndex);
  const isWhole: Citations["isWhole"] = (block, [start, end]) =>
    end - start <= MAX_QUOTE_UNITS && end <= findPart(parts, block, start).span[1];
  const cite: Citations["cite"] = (claim, block, wanted) => {
    const { chunkId, span: part } = findPart(parts, block, wanted[0]);
    const span = clampSpan(docir.text, wanted, part[1]);
    const quote = docir.text.slice(...span);
    const srcBytes = exactBytes(docir, block, span);
    const around = srcBytes === undefined ? bytesAround(block, span) : undefined;
    return {
      id: shortId("q_", [MEMO_SCHEMA, docir.source.sha256, claim, block.id, ...span]),
      claim,
      source: docir.source.sha256,
      chunkId,
      blockId: block.id,
      span,
      quote,
      quoteSha: sha256Hex(quote),
      text: onOneLine(quote),
      ...placeOf(block, span),
      ...(around === undefined ? {} : { src: [{ k: "bytes" as const, span: around }] }),
      ...(srcBytes === undefined ? {} : { srcBytes }),
      confidence: block.confidence,
    };
  };
  return { cite, isWhole };
}

/** Text on one line, single blanks between words. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function partsByBlock({ chunks }: ChunkIndex): Map<string, ChunkPart[]> {
  const byBlock = new Map<string, ChunkPart[]>();
  for (const { id, parts } of chunks) {
    for (const { blockId, span } of parts) {
      const known = byBlock.get(blockId);
      if (known) known.push({ chunkId: id, span });
      else byBlock.set(blockId, [{ chunkId: id, span }]);
    }
  }
  return byBlock;
}

/** The part that holds the offset. Parts of a block tile it in order, so a binary search finds it. */
function findPart(byBlock: Map<string, ChunkPart[]>, block: Block, offset: number): ChunkPart {
  const parts = byBlock.get(block.id) ?? [];
  let low = 0;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.span[1] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const part = parts[low];
  if (!part) throw new Error(`The chunk index does not cover block ${block.id}: it is of another document.`);
  return part;
}

function clampSpan(text: string, [start, end]: Span, partEnd: number): Span {
  const inPart = Math.min(end, partEnd);
  if (inPart - start <= MAX_QUOTE_UNITS) return [start, inPart];
  return [start, Math.min(findSafeCut(text, start, start + MAX_QUOTE_UNITS), inPart)];
}

/** Raw bytes of a span of a block that is one exact run, where a byte count can be told from the text alone. */
function exactBytes(docir: DocIR, block: Block, [start, end]: Span): Span | undefined {
  const [anchor] = block.src;
  if (anchor?.k !== "bytes" || (block.runBytes === undefined && block.runs?.length !== 1)) return undefined;
  const index = block.runs?.findLastIndex(([at]) => at <= start) ?? -1;
  const run = block.runs?.[index];
  const size = byteSizer(docir.source.charset);
  if (!size || !run?.[4] || run[0] + run[1] < end) return undefined;
  const before = docir.text.slice(run[0], start);
  const quote = docir.text.slice(start, end);
  // U+FFFD can stand for one to three bytes that were no UTF-8.
  if (before.includes("\ufffd") || quote.includes("\ufffd")) return undefined;
  const from = (block.runBytes?.[index] ?? anchor.span[0]) + size(before);
  return [from, from + size(quote)];
}

/** Raw bytes from the run in which a span begins to where the next run after it begins. */
function bytesAround({ src, runs, runBytes }: Block, [start, end]: Span): Span | undefined {
  const [anchor] = src;
  if (anchor?.k !== "bytes" || runs === undefined || runBytes === undefined) return undefined;
  const first = runs.findLastIndex(([at]) => at <= start);
  const next = runs.findIndex(([at]) => at >= end);
  const [from, to] = [runBytes[first] ?? anchor.span[0], runBytes[next] ?? anchor.span[1]];
  // Text that a parser has moved does not lie in the order of its source.
  return from < to ? [from, to] : anchor.span;
}

function byteSizer(charset: string): ((text: string) => number) | undefined {
  if (charset === "utf-8") return (text) => Buffer.byteLength(text, "utf8");
  if (charset === "windows-1252") return (text) => text.length;
  return charset === "utf-16le" || charset === "utf-16be" ? (text) => 2 * text.length : undefined;
}
