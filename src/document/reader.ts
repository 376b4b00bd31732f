import { Failure } from "../failure.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { RuleName } from "./confidence.ts";
import type { OpenOcrEngine } from "./ocr/engine.ts";
import type {
  Attachment,
  BlockType,
  DocIR,
  LineBox,
  Link,
  Mark,
  Recipe,
  Role,
  Run,
  SourceAnchor,
  Table,
} from "./schema.ts";

/** The bytes of a document and what was declared about them. Declarations are hints: they may be wrong. */
export type ReaderInput = Readonly<{
  bytes: Uint8Array;
  /** Lower-case type/subtype, without parameters. */
  mediaType: string;
  charset?: string | undefined;
  filename?: string | undefined;
  checkpoint: Checkpoint;
  /** The version of the recipe to follow, where it is an earlier one that the reader can still follow. */
  earlierVersion?: string | undefined;
  /** Opens what reads text in pictures; without it pictures are not read. */
  openOcr?: OpenOcrEngine | undefined;
}>;

export type SourceFacts = Pick<DocIR["source"], "charset" | "charsetBy" | "bom" | "newline" | "delimiter">;

/** For formats that are not one stream of characters, such as PDF and OOXML. */
export const NO_CHARSET: SourceFacts = { charset: "none", charsetBy: "none", bom: false, newline: "none" };

/** A mark as a reader returns it. `block` is the index of the block where the footnote begins. */
export type ParsedMark =
  | Exclude<Mark, { kind: "footnote_reference" }>
  | (Omit<Extract<Mark, { kind: "footnote_reference" }>, "blockId"> & { block?: number });

/**
 * A block as a reader returns it. Offsets in `links`, `marks`, `runs`, `boxes` and `table` are UTF-16 units from the start of `text`;
 * `buildDocIR` moves them to the place of the block in the document.
 */
export type ParsedBlock = {
  type: BlockType;
  level?: number;
  marker?: string;
  role?: Role;
  language?: string;
  links?: Link[];
  /** In the order of their starts, the longer one first. */
  marks?: ParsedMark[];
  /** Index of an earlier block that holds this one; without it, the nearest heading above does. */
  parent?: number;
  /** Not blank, and without lone surrogates. */
  text: string;
  /** Where the block lies in the source, in anchors of the format's own kind. */
  src: SourceAnchor[];
  /** Only for formats whose source decodes to one text. */
  runs?: Run[];
  /** Where each run starts in the raw bytes. */
  runBytes?: number[];
  /** Only for formats with pages. */
  boxes?: LineBox[];
  table?: Table;
  /** Confidence rules that only the reader can see; rules about the text itself are applied to every block. */
  reasons: RuleName[];
  /** Of text that an engine read from a picture, by the engine: two decimals. */
  confidence?: number;
};

/** A place in the list of blocks: the index of a block and an offset into its text. */
export type BlockOffset = { block: number; offset: number };

export type ParsedPage = {
  n: number;
  w: number;
  h: number;
  confidence: number;
  start: BlockOffset;
  end: BlockOffset;
};

/** `block` is the index of the block that names it. */
export type PlacedAttachment = Omit<Attachment, "blockId"> & { block: number };

/** A document as a reader returns it: blocks in reading order, disjoint. */
export type ParsedDocument = {
  source: SourceFacts;
  blocks: ParsedBlock[];
  pages?: ParsedPage[];
  lang?: DocIR["lang"];
  /** `block` is the index of the block that the warning is about. */
  warnings: { code: string; block?: number }[];
  /** Only for mails. */
  attachments?: PlacedAttachment[];
  /** Of a document that was read in another way than the recipe of the reader says. */
  recipe?: Recipe;
};

/**
 * Reads one format. `read` depends on its input alone: the same bytes give the same document on every host. It may be
 * asynchronous, so that a large library is imported when the first document of its format comes.
 * Throws Failure("payload_too_large", { limit_blocks }) as `appendBlock` does.
 */
export type Reader = Readonly<{
  recipe: Recipe;
  /** Whether `read` calls `checkpoint` often enough to run where other work waits. Others run in a process of their own. */
  isInterruptible?: boolean;
  /** Name and version of the recipe of a document in which it read pictures, where that is another one. */
  ocrRecipe?: Pick<Recipe, "name" | "version">;
  /** Whether it reads nothing without an OCR engine. */
  needsOcr?: boolean;
  read: (input: ReaderInput) => ParsedDocument | Promise<ParsedDocument>;
}>;

/** The reader as it was with an earlier version of its recipe. */
export function earlierReader(reader: Reader, version: string): Reader {
  return {
    ...reader,
    recipe: { ...reader.recipe, version },
    read: (input) => reader.read({ ...input, earlierVersion: version }),
  };
}

/** More blocks would make artifacts beyond the longest string that V8 can hold. */
export const MAX_BLOCKS = 250_000;

/** Appends a block. Throws Failure("payload_too_large", { limit_blocks }) when there are too many. */
export function appendBlock<Block>(blocks: Block[], block: Block): void {
  if (blocks.length >= MAX_BLOCKS) throw new Failure("payload_too_large", { limit_blocks: MAX_BLOCKS });
  blocks.push(block);
}
