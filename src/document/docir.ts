import { Failure, RunFailure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import { type Checkpoint, noCheckpoint } from "./checkpoint.ts";
import { assessConfidence } from "./confidence.ts";
import { identify } from "./detect.ts";
import { shorten } from "./grapheme.ts";
import { createIdSequence } from "./ids.ts";
import { placeMarks } from "./marks.ts";
import { parseMediaType } from "./media-type.ts";
import type { OpenOcrEngine } from "./ocr/engine.ts";
import type { BlockOffset, ParsedBlock, ParsedDocument } from "./reader.ts";
import { READERS, type Readers } from "./readers.ts";
import { type Block, DOCIR_SCHEMA, type DocIR, type Run, type Span, type Table } from "./schema.ts";
import { MARKS_LEFT_OUT, MEDIA_TYPE_DIFFERS } from "./warnings.ts";

const BLOCK_GAP = "\n\n";

/** A heading repeats in the path of every block under it, so a very long one must not repeat whole. */
const MAX_PATH_ENTRY_UNITS = 120;

/**
 * Whether there is a reader for what the document was declared as or for what its bytes show. A document with neither is not
 * worth a run; one that is declared as a readable format and is another ends its run with a code that says why. Pictures are readable
 * with OCR alone.
 */
export function isReadableDocument(
  bytes: Uint8Array,
  declaredMediaType: string,
  { hasOcr = false }: Readonly<{ hasOcr?: boolean }> = {},
): boolean {
  const { essence, charset } = parseMediaType(declaredMediaType);
  return [essence, identify(bytes, essence, charset).mediaType].some((mediaType) => {
    const reader = READERS.get(mediaType);
    return reader !== undefined && (hasOcr || !reader.needsOcr);
  });
}

/** Whether `buildDocIR` calls its checkpoint often while it reads this document. */
export function isInterruptible(bytes: Uint8Array, declaredMediaType: string): boolean {
  const { essence, charset } = parseMediaType(declaredMediaType);
  return READERS.get(identify(bytes, essence, charset).mediaType)?.isInterruptible ?? false;
}

/**
 * Reads a document into blocks of text with their place in the source. `mediaType` is as declared and may carry a charset;
 * where the bytes show another format, that one is read and a warning says so. `readers` are those to choose from.
 * Throws Failure("unsupported_media_type", { media_type }) for a type without a reader, RunFailure("FAILED_ENCRYPTED"), and
 * what the reader throws: a RunFailure, or Failure("payload_too_large", { limit_blocks }) for more than 250,000 blocks.
 */
export async function buildDocIR(given: {
  bytes: Uint8Array;
  mediaType: string;
  filename?: string | undefined;
  readers?: Readers;
  checkpoint?: Checkpoint;
  openOcr?: OpenOcrEngine | undefined;
}): Promise<DocIR> {
  const { bytes, filename, readers = READERS, checkpoint = noCheckpoint, openOcr } = given;
  const { essence, charset } = parseMediaType(given.mediaType);
  const { mediaType, declaredWrong, isEncrypted } = identify(bytes, essence, charset);
  if (isEncrypted) throw new RunFailure("FAILED_ENCRYPTED");
  const reader = readers.get(mediaType);
  if (!reader) throw new Failure("unsupported_media_type", { media_type: mediaType });
  const parsed = await reader.read({ bytes, mediaType, charset, filename, checkpoint, openOcr });
  const sourceSha = sha256Hex(bytes);
  const blocks = placeBlocks(parsed, sourceSha, checkpoint);
  const hasTooManyMarks = placeMarks(parsed.blocks, blocks);
  return {
    schema: DOCIR_SCHEMA,
    recipe: parsed.recipe ?? reader.recipe,
    source: { sha256: sourceSha, bytes: bytes.length, mediaType, ...parsed.source },
    offsetUnit: "utf16",
    text: parsed.blocks.map(({ text }) => text).join(BLOCK_GAP),
    ...(parsed.lang === undefined ? {} : { lang: parsed.lang }),
    ...(parsed.pages === undefined ? {} : { pages: placePages(parsed.pages, blocks) }),
    blocks,
    ...(parsed.attachments === undefined
      ? {}
      : {
          attachments: parsed.attachments.map(({ block, ...attachment }) => ({
            ...attachment,
            blockId: blocks[block]?.id ?? "",
          })),
        }),
    warnings: [
      ...(declaredWrong ? [{ code: MEDIA_TYPE_DIFFERS }] : []),
      ...(hasTooManyMarks ? [{ code: MARKS_LEFT_OUT }] : []),
      ...parsed.warnings.map(({ code, block }) => {
        const blockId = block === undefined ? undefined : blocks[block]?.id;
        return blockId === undefined ? { code } : { code, blockId };
      }),
    ],
  };
}

type Heading = { id: string; level: number; pathEntry: string };

function placeBlocks(parsed: ParsedDocument, sourceSha: string, checkpoint: Checkpoint): Block[] {
  const nextId = createIdSequence("b_", DOCIR_SCHEMA, sourceSha);
  const blocks: Block[] = [];
  let headings: Heading[] = [];
  let start = 0;
  for (const [order, block] of parsed.blocks.entries()) {
    checkpoint();
    const textSha = sha256Hex(block.text);
    const id = nextId(block.type, textSha);
    const isHeading = block.type === "title" || block.type === "heading";
    // A title without a level stands above all headings.
    const level = block.level ?? (block.type === "title" ? 0 : 1);
    if (isHeading) headings = headings.filter((above) => above.level < level);
    const parent = block.parent === undefined ? headings.at(-1)?.id : blocks[block.parent]?.id;
    blocks.push({
      id,
      order,
      parent: parent ?? null,
      headingPath: headings.map((above) => above.pathEntry),
      span: [start, start + block.text.length],
      textSha,
      ...placeFields(block, start),
      ...assessConfidence(block.text, { ...block, charsetBy: parsed.source.charsetBy }),
    });
    if (isHeading)
      headings.push({
        id,
        level,
        pathEntry: shorten(block.text.replaceAll("\n", " "), MAX_PATH_ENTRY_UNITS),
      });
    start += block.text.length + BLOCK_GAP.length;
  }
  return blocks;
}

/** What a block keeps from its reader, with offsets moved from the start of its text to `start`. */
function placeFields(
  { type, level, marker, role, language, links, src, runs, runBytes, boxes, table }: ParsedBlock,
  start: number,
) {
  return {
    type,
    ...(level === undefined ? {} : { level }),
    ...(marker === undefined ? {} : { marker }),
    ...(role === undefined ? {} : { role }),
    ...(language === undefined ? {} : { language }),
    ...(links === undefined
      ? {}
      : { links: links.map((link) => ({ ...link, span: moveSpan(link.span, start) })) }),
    src,
    ...(runs === undefined ? {} : { runs: moveRuns(runs, start) }),
    ...(runBytes === undefined ? {} : { runBytes }),
    ...(boxes === undefined
      ? {}
      : { boxes: boxes.map(([at, ...rest]): (typeof boxes)[number] => [start + at, ...rest]) }),
    ...(table === undefined ? {} : { table: moveTable(table, start) }),
  };
}

/** In place: the reader has handed the runs over, and a text of short lines has a million. */
function moveRuns(runs: Run[], by: number): Run[] {
  for (const run of runs) run[0] += by;
  return runs;
}

/** In place: the reader has handed the table over, and it may have a million cells. */
function moveTable(table: Table, by: number): Table {
  for (const { span } of table.cells) {
    span[0] += by;
    span[1] += by;
  }
  return table;
}

function moveSpan([from, to]: Span, by: number): Span {
  return [from + by, to + by];
}

function placePages(pages: NonNullable<ParsedDocument["pages"]>, blocks: readonly Block[]): DocIR["pages"] {
  const offsetOf = ({ block, offset }: BlockOffset) => (blocks[block]?.span[0] ?? 0) + offset;
  return pages.map(({ start, end, ...page }) => ({ ...page, textSpan: [offsetOf(start), offsetOf(end)] }));
}
