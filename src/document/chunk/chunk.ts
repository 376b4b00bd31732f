import { sha256Hex } from "../../sha256.ts";
import { anchorsOf, pagesOf } from "../anchors.ts";
import { createIdSequence } from "../ids.ts";
import {
  type Block,
  CHUNK_INDEX_SCHEMA,
  type Chunk,
  type ChunkIndex,
  type DocIR,
  type Span,
} from "../schema.ts";
import { NearDuplicates, simHash, simHashHex } from "./simhash.ts";
import { splitBlock } from "./split-block.ts";
import { clearTokenCache, countTokens, TOKENIZER } from "./tokens.ts";

/**
 * 512 tokens hold a section of prose, are under the input limit of every common embedding model, and keep a citation's
 * context small enough to read. No overlap: every character belongs to one chunk, so coverage can be proved.
 */
export const DEFAULT_MAX_TOKENS = 512;

/** Rises when the same document comes to other chunks. 2: SimHash over SHA-256, `contextText` within `maxTokens`. */
const RULES_VERSION = "2";

type Part = { block: Block; span: Span; tokens: number };

/**
 * Cuts a document into chunks: blocks in order, a new chunk at each heading that follows text, long blocks by sentence.
 * `docirSha` is the sha256 of the stored docir bytes. Never throws on a DocIR that `buildDocIR` made.
 */
export function buildChunkIndex(given: { docir: DocIR; docirSha: string; maxTokens?: number }): ChunkIndex {
  const maxTokens = given.maxTokens ?? DEFAULT_MAX_TOKENS;
  clearTokenCache();
  const groups = groupParts(partsOf(given.docir, maxTokens), maxTokens);
  const chunks = linkChunks(
    describeChunks(
      given.docir,
      groups.flatMap((group) => fitGroup(given.docir, group, maxTokens)),
      maxTokens,
    ),
  );
  const warnings = chunks
    .filter((chunk) => chunk.tokens > maxTokens)
    .map((chunk) => ({ code: "chunk_over_max_tokens", chunkId: chunk.id }));
  return {
    schema: CHUNK_INDEX_SCHEMA,
    docirSha: given.docirSha,
    params: { maxTokens, tokenizer: TOKENIZER, overlap: 0, version: RULES_VERSION },
    chunks,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

function* partsOf({ text, blocks }: DocIR, maxTokens: number): Generator<Part> {
  for (const block of blocks) {
    if (block.type === "separator" || block.role === "hidden") continue;
    const [start, end] = block.span;
    for (const { span, tokens } of splitBlock(text.slice(start, end), maxTokens, cutBy(block))) {
      yield { block, span: [start + span[0], start + span[1]], tokens };
    }
  }
}

/** Code and tables are read by the line. */
function cutBy({ type }: Block): "sentence" | "line" {
  return type === "code" || type === "table" || type === "metadata" ? "line" : "sentence";
}

/** Packs parts by their estimated tokens, one more for the newline between two. */
function groupParts(parts: Iterable<Part>, maxTokens: number): Part[][] {
  const groups: Part[][] = [];
  let tokens = 0;
  let hasBody = false;
  for (const part of parts) {
    const group = groups.at(-1);
    const fits = group !== undefined && tokens + 1 + part.tokens <= maxTokens;
    if (group && fits && !(isHeading(part.block) && hasBody)) {
      group.push(part);
      tokens += 1 + part.tokens;
      hasBody ||= !isHeading(part.block);
    } else {
      groups.push([part]);
      tokens = part.tokens;
      hasBody = !isHeading(part.block);
    }
  }
  return groups;
}

function isHeading(block: Block): boolean {
  return block.type === "title" || block.type === "heading";
}

type Group = { parts: Part[]; text: string; tokens: number };

/** Counts a group as it will stand; should tokens join up to more than their sum, the group is halved until they fit. */
function fitGroup(docir: DocIR, parts: Part[], maxTokens: number): Group[] {
  const text = parts.map(({ span }) => docir.text.slice(...span)).join("\n");
  const tokens =
    parts.length === 1 && parts[0] && parts[0].tokens > maxTokens ? parts[0].tokens : countTokens(text);
  if (tokens <= maxTokens || parts.length === 1) return [{ parts, text, tokens }];
  const half = parts.length >> 1;
  return [
    ...fitGroup(docir, parts.slice(0, half), maxTokens),
    ...fitGroup(docir, parts.slice(half), maxTokens),
  ];
}

function describeChunks(docir: DocIR, groups: readonly Group[], maxTokens: number): Chunk[] {
  const nextId = createIdSequence("c_", CHUNK_INDEX_SCHEMA, docir.source.sha256);
  const duplicates = new NearDuplicates<string>();
  return groups.map(({ parts, text, tokens }, ord) => {
    const textSha = sha256Hex(text);
    const id = nextId("chunk", textSha);
    const hash = simHash(text);
    const dupOf = duplicates.findOrKeep({ id, text, textSha, hash });
    const headingPath = (parts.find(({ block }) => !isHeading(block)) ?? parts[0])?.block.headingPath ?? [];
    return {
      id,
      ord,
      span: [parts.at(0)?.span[0] ?? 0, parts.at(-1)?.span[1] ?? 0],
      parts: parts.map(({ block, span }) => ({ blockId: block.id, span })),
      headingPath,
      ...sourceOf(parts),
      tokens,
      text,
      textSha,
      contextText: withHeadings(headingPath, text, maxTokens - tokens),
      minConfidence: parts.reduce((least, { block }) => Math.min(least, block.confidence), 1),
      simhash: simHashHex(hash),
      ...(dupOf === undefined ? {} : { dupOf }),
    };
  });
}

/** Pages and anchors, where the format has any but bytes. */
function sourceOf(parts: readonly Part[]): Pick<Chunk, "pages" | "src"> {
  const src = parts.flatMap(({ block, span }) => anchorsOf(block, span));
  const pages = pagesOf(src);
  return { ...(pages.length === 0 ? {} : { pages }), ...(src.length === 0 ? {} : { src }) };
}

/** The text under as many of its headings, from the innermost out, as `tokensLeft` allow. */
function withHeadings(headingPath: readonly string[], text: string, tokensLeft: number): string {
  for (let outermost = 0; outermost < headingPath.length; outermost += 1) {
    const prefix = `${headingPath.slice(outermost).join(" > ")}\n\n`;
    if (countTokens(prefix) < tokensLeft) return prefix + text;
  }
  return text;
}

function linkChunks(chunks: readonly Chunk[]): Chunk[] {
  return chunks.map((chunk, index) => {
    const [prev, next] = [chunks[index - 1]?.id, chunks[index + 1]?.id];
    return { ...chunk, ...(prev === undefined ? {} : { prev }), ...(next === undefined ? {} : { next }) };
  });
}
