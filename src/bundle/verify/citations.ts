import { isRecord } from "../../domain/serialized.ts";
import { sha256Hex } from "../../sha256.ts";
import type { Finding } from "./check.ts";
import { type BundleContents, parseAt, type ReadFile } from "./contents.ts";
import { readCitations } from "./memo-citations.ts";
import { createTextReader, type TextReader } from "./text-reader.ts";

const FILE = "citations.json";

type Span = readonly [start: number, end: number];

/** What a citation is resolved against. */
type Document = Readonly<{
  text: TextReader;
  charset: unknown;
  raw: ReadFile;
  rawSha: string | undefined;
  /** The block or the chunk with this id. */
  findBlock(id: string): JsonRecord | null;
  findChunk(id: string): JsonRecord | null;
}>;

type JsonRecord = Readonly<Record<string, unknown>>;

/** The ids of the blocks and chunks that the citations of a memo name. */
export function citedIdsOf(memo: ReadFile): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { cite } of readCitations(memo)) {
    if (isRecord(cite)) ids.add(String(cite.blockId)).add(String(cite.chunkId));
  }
  return ids;
}

/**
 * Each citation of the memo names a claim of the memo, whose text is its quote, the document, a block and a chunk that hold its span;
 * the quote is the text of the span, and so are the bytes of the document that it names.
 */
export function checkCitations(contents: BundleContents): readonly Finding[] {
  const memo = contents.artifactFile("memo");
  if (memo === null) return [];
  const document = readDocument(contents);
  if (document === null)
    return [{ file: FILE, reason: "cannot be resolved: docir or chunk-index cannot be read" }];
  const findings: Finding[] = [];
  let index = 0;
  for (const { claim, text, cite } of readCitations(memo)) {
    if (isRecord(cite) && typeof text === "string" && !saysTheSame(text, cite.quote)) {
      findings.push({ file: memo.path, field: `${claim}/text`, reason: "is not the quote that it cites" });
    }
    const wrong = findWrongField(cite, claim, document);
    if (wrong !== null)
      findings.push({ file: FILE, field: `/${index}/${wrong.field}`, reason: wrong.reason });
    index += 1;
  }
  return findings;
}

/** A claim has the words of its quote, on one line. */
function saysTheSame(text: string, quote: unknown): boolean {
  return text === quote || (typeof quote === "string" && withoutSpace(text) === withoutSpace(quote));
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, "");
}

function findWrongField(
  citation: unknown,
  claim: string,
  { text, charset, raw, rawSha, findBlock, findChunk }: Document,
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
  if (!holds(findBlock(String(citation.blockId)), span))
    return wrong("blockId", "is no block that holds the quote");
  const parts = findChunk(String(citation.chunkId))?.parts;
  const isInChunk =
    Array.isArray(parts) &&
    parts.some((part) => isRecord(part) && part.blockId === citation.blockId && holds(part, span));
  if (!isInChunk) return wrong("chunkId", "is no chunk that holds the quote");
  if (citation.claim !== claim) return wrong("claim", "is not the place of the citation in the memo");
  if (charset !== "utf-8" || srcBytes === undefined) return null;
  const bytes = spanOf(srcBytes);
  return bytes !== null && isEncoded(quote, raw, bytes)
    ? null
    : wrong("srcBytes", "are not the bytes of the quote in the document");
}

/** Whether the span of a block, or of a part of one, holds another one. */
function holds(part: JsonRecord | null, [start, end]: Span): boolean {
  const span = spanOf(part?.span);
  return span !== null && span[0] <= start && end <= span[1];
}

const DECODER = new TextDecoder();

/** A unit of UTF-16 is no more than three bytes of UTF-8; a byte order mark, which decoding leaves out, is three. */
function isEncoded(text: string, file: ReadFile, [start, end]: Span): boolean {
  if (end - start > 3 * (text.length + 1)) return false;
  const bytes = file.readRange(start, end);
  return Buffer.from(text).equals(bytes) || DECODER.decode(bytes) === text;
}

function readDocument(contents: BundleContents): Document | null {
  const docir = contents.artifactFile("docir");
  const raw = contents.artifactFile("raw");
  const text = docir === null ? null : createTextReader(docir, "text");
  if (text === null || raw === null) return null;
  const source = contents.artifactMember("docir", "source");
  return {
    text,
    raw,
    rawSha: contents.values.artifacts.find(({ id }) => id === "raw")?.sha256,
    charset: isRecord(source) ? source.charset : null,
    findBlock: createFinder(docir, "blocks"),
    findChunk: createFinder(contents.artifactFile("chunk-index"), "chunks"),
  };
}

/** Finds an element of a member by its id, among those that the scan of the file was to find. The last one is kept. */
function createFinder(file: ReadFile | null, key: string): (id: string) => JsonRecord | null {
  const places = new Map(file?.members.get(key)?.found.map((element) => [element.id, element]));
  let last: Readonly<{ id: string; element: JsonRecord | null }> | null = null;
  return (id) => {
    if (last?.id === id) return last.element;
    const place = places.get(id);
    const element = file === null || place === undefined ? null : parseAt(file, place);
    last = { id, element: isRecord(element) ? element : null };
    return last.element;
  };
}

function spanOf(value: unknown): Span | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [start, end] = value;
  const isSpan = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end;
  return isSpan ? [start, end] : null;
}
