import { sha256Hex } from "../../sha256.ts";
import { anchorsOf, pagesOf } from "../anchors.ts";
import { type Checkpoint, noCheckpoint } from "../checkpoint.ts";
import { createIdSequence } from "../ids.ts";
import { CHUNK_INDEX_SCHEMA, type Chunk, type ChunkIndex, type DocIR } from "../schema.ts";
import { type Group, groupParts, isHeading, type Part } from "./group-parts.ts";
import { NearDuplicates, simHash, simHashHex } from "./simhash.ts";
import { clearTokenCache, countTokens, TOKENIZER } from "./tokens.ts";

/**
 * 512 tokens hold a section of prose, are under the input limit of every common embedding model, and keep a citation's
 * context small enough to read. No overlap: every character belongs to one chunk, so coverage can be proved.
 */
export const DEFAULT_MAX_TOKENS = 512;

/** Rises when the same document comes to other chunks. 3: no chunk of a heading alone, the header of a cut table repeated. */
const RULES_VERSION = "3";

/**
 * Cuts a document into chunks: blocks in order, a new chunk at each heading that follows text, long blocks by sentence.
 * `docirSha` is the sha256 of the stored docir bytes. Never throws on a DocIR that `buildDocIR` made.
 */
export function buildChunkIndex(given: {
  docir: DocIR;
  docirSha: string;
  maxTokens?: number;
  checkpoint?: Checkpoint;
}): ChunkIndex {
  const { docir, maxTokens = DEFAULT_MAX_TOKENS, checkpoint = noCheckpoint } = given;
  clearTokenCache();
  const groups = groupParts(docir, maxTokens, checkpoint);
  const chunks = linkChunks(describeChunks(docir, groups, maxTokens, checkpoint));
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

function describeChunks(
  docir: DocIR,
  groups: readonly Group[],
  maxTokens: number,
  checkpoint: Checkpoint,
): Chunk[] {
  const nextId = createIdSequence("c_", CHUNK_INDEX_SCHEMA, docir.source.sha256);
  const duplicates = new NearDuplicates<string>();
  return groups.map(({ parts, text, tokens }, ord) => {
    checkpoint();
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
      contextText: withContext({ parts, text, tokens }, headingPath, maxTokens),
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

/**
 * The text under the header of the table that it continues, and under as many of its headings, from the innermost out, as
 * stay within `maxTokens`.
 */
function withContext(
  { parts, text, tokens }: Group,
  headingPath: readonly string[],
  maxTokens: number,
): string {
  const [first] = parts;
  const continues = first !== undefined && first.span[0] > first.block.span[0];
  const header = continues ? first.header : "";
  const body = header === "" ? text : `${header}\n${text}`;
  const bodyTokens = header === "" ? tokens : countTokens(body);
  if (bodyTokens > maxTokens) return text;
  for (let outermost = 0; outermost < headingPath.length; outermost += 1) {
    const prefix = `${headingPath.slice(outermost).join(" > ")}\n\n`;
    if (countTokens(prefix) < maxTokens - bodyTokens) return prefix + body;
  }
  return body;
}

function linkChunks(chunks: readonly Chunk[]): Chunk[] {
  return chunks.map((chunk, index) => {
    const [prev, next] = [chunks[index - 1]?.id, chunks[index + 1]?.id];
    return { ...chunk, ...(prev === undefined ? {} : { prev }), ...(next === undefined ? {} : { next }) };
  });
}
