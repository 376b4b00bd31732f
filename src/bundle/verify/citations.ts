import { isRecord } from "../../domain/serialized.ts";
import { sha256Hex } from "../../sha256.ts";
import { citationsOf } from "../citations.ts";
import type { Finding } from "./check.ts";
import { type BundleContents, parseJson, type ReadFile } from "./contents.ts";
import { createTextReader, type TextReader } from "./text-reader.ts";

const FILE = "citations.json";

type Span = readonly [start: number, end: number];

/** What a citation is resolved against. */
type Document = Readonly<{
  text: TextReader;
  charset: unknown;
  raw: ReadFile;
  blocks: ReadonlyMap<string, Span>;
  /** By chunk, the parts of blocks that it has. */
  chunks: ReadonlyMap<string, readonly Readonly<{ blockId: string; span: Span }>[]>;
}>;

/** The ids of the blocks and chunks that the citations of a memo name. */
export function citedIdsOf(memo: unknown): ReadonlySet<string> {
  const citations = citationsOf(memo).filter(isRecord);
  return new Set(citations.flatMap(({ blockId, chunkId }) => [String(blockId), String(chunkId)]));
}

/**
 * Each citation of the memo names a claim of the memo, the document, a block and a chunk that hold its span; the quote is the text of
 * the span, and so are the bytes of the document that it names.
 */
export function checkCitations(contents: BundleContents): readonly Finding[] {
  const memo = contents.artifact("memo");
  if (contents.artifactFile("memo") === null) return [];
  const citations = citationsOf(memo);
  const document = readDocument(contents);
  if (document === null)
    return [{ file: FILE, reason: "cannot be resolved: docir or chunk-index cannot be read" }];
  const rawSha = contents.values.artifacts.find(({ id }) => id === "raw")?.sha256;
  return citations.flatMap((citation, index) => {
    const wrong = findWrongField(citation, document, memo, rawSha);
    return wrong === null ? [] : [{ file: FILE, field: `/${index}/${wrong.field}`, reason: wrong.reason }];
  });
}

function findWrongField(
  citation: unknown,
  { text, charset, raw, blocks, chunks }: Document,
  memo: unknown,
  rawSha: string | undefined,
): Readonly<{ field: string; reason: string }> | null {
  const wrong = (field: string, reason: string) => ({ field, reason });
  if (!isRecord(citation)) return wrong("", "is no citation");
  const { quote, quoteSha, source, srcBytes } = citation;
  const span = spanOf(citation.span);
  if (span === null) return wrong("span", "is no place in the document");
  if (typeof quote !== "string" || !text.hasAt(span, quote)) {
    return wrong("quote", "is not the text of the document at its span");
  }
  if (sha256Hex(quote) !== quoteSha) return wrong("quoteSha", "is not the sha256 of the quote");
  if (source !== rawSha) return wrong("source", "is not the sha256 of raw");
  const block = blocks.get(String(citation.blockId));
  if (block === undefined || !isWithin(span, block))
    return wrong("blockId", "is no block that holds the quote");
  const parts = chunks.get(String(citation.chunkId)) ?? [];
  if (!parts.some((part) => part.blockId === citation.blockId && isWithin(span, part.span))) {
    return wrong("chunkId", "is no chunk that holds the quote");
  }
  if (typeof citation.claim !== "string" || !isClaimOf(memo, citation.claim, citation)) {
    return wrong("claim", "is not the place of the citation in the memo");
  }
  if (charset !== "utf-8" || srcBytes === undefined) return null;
  const bytes = spanOf(srcBytes);
  return bytes !== null && isEncoded(quote, raw, bytes)
    ? null
    : wrong("srcBytes", "are not the bytes of the quote in the document");
}

/** Whether the memo has this citation at `claim`, a JSON pointer of one or two keys. */
function isClaimOf(memo: unknown, claim: string, citation: unknown): boolean {
  const [empty, list = "", index, ...rest] = claim.split("/");
  if (empty !== "" || rest.length > 0 || !isRecord(memo)) return false;
  const value =
    index === undefined ? memo[list] : Array.isArray(memo[list]) ? memo[list][Number(index)] : null;
  return isRecord(value) && value.cite === citation;
}

const DECODER = new TextDecoder();

/** A unit of UTF-16 is no more than three bytes of UTF-8; a byte order mark, which decoding leaves out, is three. */
function isEncoded(text: string, file: ReadFile, [start, end]: Span): boolean {
  if (end - start > 3 * (text.length + 1)) return false;
  return DECODER.decode(file.readRange(start, end)) === text;
}

/** Of blocks and chunks only those that are cited: a large document has many more. */
function readDocument(contents: BundleContents): Document | null {
  const docir = contents.artifactFile("docir");
  const raw = contents.artifactFile("raw");
  const text = docir === null ? null : createTextReader(docir, "text");
  if (text === null || raw === null) return null;
  const blocks = new Map<string, Span>();
  for (const block of readFound(docir, "blocks")) {
    const span = spanOf(block.span);
    if (span !== null) blocks.set(String(block.id), span);
  }
  const chunks = new Map<string, { blockId: string; span: Span }[]>();
  for (const chunk of readFound(contents.artifactFile("chunk-index"), "chunks")) {
    const parts = Array.isArray(chunk.parts) ? chunk.parts.filter(isRecord) : [];
    const placed = parts.flatMap((part) => {
      const span = spanOf(part.span);
      return span === null ? [] : [{ blockId: String(part.blockId), span }];
    });
    chunks.set(String(chunk.id), placed);
  }
  const source = contents.artifactMember("docir", "source");
  return { text, charset: isRecord(source) ? source.charset : null, raw, blocks, chunks };
}

/** The elements of a member that the scan of the file was to find. */
function readFound(file: ReadFile | null, key: string): readonly Readonly<Record<string, unknown>>[] {
  const found = file?.members.get(key)?.found ?? [];
  return found
    .map(({ start, end }) => parseJson(file?.readRange(start, end) ?? new Uint8Array()))
    .filter(isRecord);
}

function spanOf(value: unknown): Span | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [start, end] = value;
  const isSpan = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end;
  return isSpan ? [start, end] : null;
}

function isWithin([start, end]: Span, [from, to]: Span): boolean {
  return from <= start && end <= to;
}
