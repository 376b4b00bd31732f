import { Failure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import { judge } from "./confidence.ts";
import { type Decoded, decode } from "./decode.ts";
import { shorten } from "./grapheme.ts";
import { createIdGiver } from "./ids.ts";
import { markdownReader } from "./markdown/read-markdown.ts";
import { parseMediaType } from "./media-type.ts";
import type { Draft, Reader } from "./reader.ts";
import { type Block, DOCIR_SCHEMA, type DocIR } from "./schema.ts";
import { textReader } from "./text/read-text.ts";

/** Which reader takes which media type: a new format is one file and one row. */
const READERS: Readonly<Record<string, Reader>> = {
  "text/plain": textReader,
  "text/markdown": markdownReader,
};

const BLOCK_GAP = "\n\n";

/** A heading repeats in the path of every block under it, so a very long one must not repeat whole. */
const MAX_PATH_ENTRY_UNITS = 120;

/** Whether `buildDocIR` has a reader for this media type, whatever its parameters. */
export function isSupportedMediaType(mediaType: string): boolean {
  return Object.hasOwn(READERS, parseMediaType(mediaType).essence);
}

/**
 * Reads a document into blocks of text with their place in the source. `mediaType` may carry a charset. Any bytes of a
 * supported type give a result. Throws Failure("unsupported_media_type", { media_type }) for another type and
 * Failure("payload_too_large", { limit_blocks }) for a document of more than 250,000 blocks.
 */
export function buildDocIR(given: {
  bytes: Uint8Array;
  mediaType: string;
  filename?: string | undefined;
}): DocIR {
  const { essence, charset } = parseMediaType(given.mediaType);
  const reader = Object.hasOwn(READERS, essence) ? READERS[essence] : undefined;
  if (!reader) throw new Failure("unsupported_media_type", { media_type: essence });
  const decoded = decode(given.bytes, charset);
  const { drafts, warnings } = reader.read(decoded.text);
  const sourceSha = sha256Hex(given.bytes);
  const text = drafts.map((draft) => draft.content.text).join(BLOCK_GAP);
  const blocks = placeBlocks(drafts, decoded, sourceSha);
  return {
    schema: DOCIR_SCHEMA,
    recipe: reader.recipe,
    source: {
      sha256: sourceSha,
      bytes: given.bytes.length,
      mediaType: essence,
      charset: decoded.charset,
      charsetBy: decoded.charsetBy,
      bom: decoded.bom,
      newline: decoded.newline,
    },
    offsetUnit: "utf16",
    text,
    blocks,
    warnings: warnings.map(({ code, draft }) => {
      const blockId = draft === undefined ? undefined : blocks[draft]?.id;
      return blockId === undefined ? { code } : { code, blockId };
    }),
  };
}

type Heading = { id: string; level: number; pathEntry: string };

function placeBlocks(drafts: readonly Draft[], decoded: Decoded, sourceSha: string): Block[] {
  const giveId = createIdGiver("b_", DOCIR_SCHEMA, sourceSha);
  const sources = sourceSpans(drafts, decoded);
  const blocks: Block[] = [];
  let headings: Heading[] = [];
  let start = 0;
  for (const [order, draft] of drafts.entries()) {
    const text = draft.content.text;
    const textSha = sha256Hex(text);
    const id = giveId(draft.type, textSha);
    const isHeading = draft.type === "title" || draft.type === "heading";
    const level = draft.level ?? 1;
    if (isHeading) headings = headings.filter((above) => above.level < level);
    const holder = draft.parent === undefined ? headings.at(-1)?.id : blocks[draft.parent]?.id;
    blocks.push({
      id,
      order,
      type: draft.type,
      ...(draft.level === undefined ? {} : { level: draft.level }),
      parent: holder ?? null,
      headingPath: headings.map((above) => above.pathEntry),
      span: [start, start + text.length],
      textSha,
      src: [{ k: "bytes", span: sources[order] ?? [0, 0] }],
      runs: draft.content.runs.map(([at, ...rest]) => [start + at, ...rest]),
      ...(draft.table === undefined ? {} : { table: moveTable(draft.table, start) }),
      ...judge(text, { charsetBy: decoded.charsetBy, doubts: draft.doubts }),
    });
    if (isHeading)
      headings.push({ id, level, pathEntry: shorten(text.replaceAll("\n", " "), MAX_PATH_ENTRY_UNITS) });
    start += text.length + BLOCK_GAP.length;
  }
  return blocks;
}

function moveTable(table: NonNullable<Draft["table"]>, by: number): NonNullable<Draft["table"]> {
  return {
    ...table,
    cells: table.cells.map((cell) => ({ ...cell, span: [cell.span[0] + by, cell.span[1] + by] })),
  };
}

/** The raw bytes from each draft's first run to its last. Drafts come in source order, so one pass finds them all. */
function sourceSpans(drafts: readonly Draft[], decoded: Decoded): [number, number][] {
  const offsets = drafts.flatMap(({ content: { runs } }) => {
    const [first, last] = [runs.at(0), runs.at(-1)];
    return first && last ? [first[2], last[2] + last[3]] : [0, 0];
  });
  const bytes = decoded.toByteOffsets(offsets);
  return drafts.map((_draft, index) => [bytes[2 * index] ?? 0, bytes[2 * index + 1] ?? 0]);
}
