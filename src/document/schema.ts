/**
 * The shapes of the three derived artifacts, as they are stored and hashed. A consumer may rely on every key here; later
 * formats fill the optional ones. Offsets called `span` are half-open and count UTF-16 units of `docir.text`.
 */
import { z } from "zod";

export const DOCIR_SCHEMA = "jejakekal.docir/1";
export const CHUNK_INDEX_SCHEMA = "jejakekal.chunk-index/1";
export const MEMO_SCHEMA = "jejakekal.memo/1";

const offset = z.int().nonnegative();
const sha = z.string().regex(/^[0-9a-f]{64}$/);
const span = z.tuple([offset, offset]);
const bbox = z.tuple([z.int(), z.int(), z.int(), z.int()]);
const confidence = z.number().min(0).max(1);
const blockId = z.string().regex(/^b_[0-9a-f]{16}$/);
const chunkId = z.string().regex(/^c_[0-9a-f]{16}$/);

export const recipeSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  libs: z.record(z.string(), z.string()),
});

export const sourceSchema = z.strictObject({
  sha256: sha,
  bytes: offset,
  mediaType: z.string(),
  charset: z.string(),
  /** "none", like `charset`, for formats that are not one stream of characters. */
  charsetBy: z.enum(["bom", "utf8", "declared", "fallback", "none"]),
  bom: z.boolean(),
  newline: z.enum(["none", "lf", "crlf", "cr", "mixed"]),
  /** Of delimited text: what stands between two fields, as it was found in the text. */
  delimiter: z.string().optional(),
});

/**
 * Where text comes from. `bytes` spans count bytes of the raw artifact. A `bbox` is [left, top, right, bottom] in
 * hundredths of a point. `ooxml` names a part of the package, the nth block in it, and the UTF-16 span in the decoded part.
 */
export const sourceAnchorSchema = z.discriminatedUnion("k", [
  z.strictObject({ k: z.literal("bytes"), span }),
  z.strictObject({ k: z.literal("pdf"), page: offset, bbox }),
  z.strictObject({ k: z.literal("ooxml"), part: z.string(), index: offset, span: span.optional() }),
  z.strictObject({
    k: z.literal("cell"),
    sheet: z.string(),
    /** A cell such as "B2", or a range such as "A1:C9". */
    ref: z.string(),
    /** The stored value, before its number format is applied. */
    value: z.string().optional(),
    formula: z.string().optional(),
    format: z.string().optional(),
    /** Present where the sheet is hidden. */
    hidden: z.literal(true).optional(),
  }),
]);

/**
 * [textStart, textLen, srcStart, srcLen, exact]: text and the decoded source it stands for, both in UTF-16 units, the
 * source counted after its BOM. An exact run is the same string on both sides; any other run was decoded or put in.
 */
export const runSchema = z.tuple([offset, offset, offset, offset, z.union([z.literal(0), z.literal(1)])]);

/** [textStart, textLen, page, bbox]: one line of a paged document and its box. */
export const lineBoxSchema = z.tuple([offset, offset, offset, bbox]);

/** Text that is part of the document but not of what it says, or that the document does not show. */
export const roleSchema = z.enum(["boilerplate", "hidden"]);

/** The words of a link or image, and where it leads. */
export const linkSchema = z.strictObject({ kind: z.enum(["link", "image"]), span, target: z.string() });

/**
 * Words that are set off, or the mark that calls for a footnote. `blockId` is the block where the footnote begins; absent where
 * the document has none with this label.
 */
export const markSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["emphasis", "strong", "code", "strikethrough"]), span }),
  z.strictObject({
    kind: z.literal("footnote_reference"),
    span,
    label: z.string(),
    blockId: blockId.optional(),
  }),
]);

export const tableSchema = z.strictObject({
  rows: offset,
  cols: offset,
  /** Of each column, where the format says it for columns; absent where it says nothing. */
  columnAlign: z.array(z.enum(["none", "left", "center", "right"])).optional(),
  cells: z.array(
    z.strictObject({
      r: offset,
      c: offset,
      rs: z.int().min(1),
      cs: z.int().min(1),
      header: z.boolean(),
      span,
      /** Where the format has places for single cells. */
      src: z.array(sourceAnchorSchema).optional(),
    }),
  ),
});

export const blockTypeSchema = z.enum([
  "title",
  "heading",
  "paragraph",
  "list_item",
  "code",
  "table",
  "quote",
  "footnote",
  "caption",
  "formula",
  "image",
  "page_header",
  "page_footer",
  "metadata",
  "separator",
  "comment",
  "field",
]);

export const blockSchema = z.strictObject({
  id: blockId,
  order: offset,
  type: blockTypeSchema,
  /** Headings: 1 to 6. List items and quotes: how deep they are nested, from 1. */
  level: z.int().min(1).optional(),
  /** List items: the bullet or number as it stands in the source. Numbered headings and footnotes: their number. */
  marker: z.string().optional(),
  role: roleSchema.optional(),
  /** Code: its language, as its opening fence names it. */
  language: z.string().optional(),
  links: z.array(linkSchema).optional(),
  /** In the order of their starts, the longer one first; they may lie in each other. */
  marks: z.array(markSchema).min(1).optional(),
  parent: blockId.nullable(),
  /** The headings above, outermost first, each cut to a readable length. */
  headingPath: z.array(z.string()),
  span,
  textSha: sha,
  src: z.array(sourceAnchorSchema),
  runs: z.array(runSchema).optional(),
  /** Where each run starts in the raw bytes, for blocks of several runs in formats with markup between them. */
  runBytes: z.array(offset).optional(),
  boxes: z.array(lineBoxSchema).optional(),
  table: tableSchema.optional(),
  confidence,
  /** The names of the confidence rules that hold, see `confidence.ts`; empty when none lowered it. */
  reasons: z.array(z.string()),
});

/** An attachment of a mail: a document in the bytes of another one. */
export const attachmentSchema = z.strictObject({
  /** Its number in the mail, from 1. */
  n: z.int().min(1),
  /** The block that names it. */
  blockId,
  /** The file name that the mail gives. */
  name: z.string().optional(),
  /** As a start of a run would take it: the declared type, the bytes, the name. */
  mediaType: z.string(),
  /** Of its decoded content, like `sha256`. */
  bytes: offset,
  sha256: sha,
  /** Its encoded content among the bytes of the mail. */
  span,
  encoding: z.enum(["base64", "quoted-printable", "none"]),
  /** An earlier attachment that has the same bytes: both have one run. */
  sameAs: z.int().min(1).optional(),
  /** Why it gets no run; without it, it gets one. */
  leftOut: z.enum(["empty", "not_readable", "nested", "limit"]).optional(),
});

export const docIRSchema = z.strictObject({
  schema: z.literal(DOCIR_SCHEMA),
  recipe: recipeSchema,
  source: sourceSchema,
  offsetUnit: z.literal("utf16"),
  text: z.string(),
  lang: z.strictObject({ code: z.string(), by: z.string() }).optional(),
  pages: z.array(z.strictObject({ n: offset, w: offset, h: offset, textSpan: span, confidence })).optional(),
  blocks: z.array(blockSchema),
  /** Of a mail, in its order. */
  attachments: z.array(attachmentSchema).optional(),
  warnings: z.array(z.strictObject({ code: z.string(), blockId: blockId.optional(), span: span.optional() })),
});

export const chunkSchema = z.strictObject({
  id: chunkId,
  ord: offset,
  span,
  parts: z.array(z.strictObject({ blockId, span })),
  headingPath: z.array(z.string()),
  pages: z.array(offset).optional(),
  /** Where the text comes from, for formats whose places are not bytes. */
  src: z.array(sourceAnchorSchema).optional(),
  tokens: offset,
  /** The parts joined by a newline. */
  text: z.string(),
  textSha: sha,
  /** What an embedding should read: the heading path, then the text. */
  contextText: z.string(),
  minConfidence: confidence,
  simhash: z.string().regex(/^[0-9a-f]{16}$/),
  dupOf: chunkId.optional(),
  prev: chunkId.optional(),
  next: chunkId.optional(),
});

export const chunkIndexSchema = z.strictObject({
  schema: z.literal(CHUNK_INDEX_SCHEMA),
  docirSha: sha,
  params: z.strictObject({
    maxTokens: z.int().min(1),
    tokenizer: z.string(),
    overlap: offset,
    /** Of the rules that cut and hash; absent in the first version. */
    version: z.string().optional(),
  }),
  chunks: z.array(chunkSchema),
  /** Present only when there is something to say, such as a chunk that could not be kept under `maxTokens`. */
  warnings: z.array(z.strictObject({ code: z.string(), chunkId })).optional(),
});

export const citationSchema = z.strictObject({
  id: z.string().regex(/^q_[0-9a-f]{16}$/),
  /** JSON pointer (RFC 6901) into the memo: what this citation supports. */
  claim: z.string(),
  /** sha256 of the raw artifact. */
  source: sha,
  chunkId,
  blockId,
  span,
  /** Exactly `docir.text.slice(span)`. */
  quote: z.string(),
  quoteSha: sha,
  /** The quote on one line, for people. */
  text: z.string(),
  page: offset.optional(),
  /** The smallest box on `page` that holds every line of the quote. */
  bbox: bbox.optional(),
  /** Where the quote comes from, for formats whose places are not bytes; or the bytes around a quote that is not exact. */
  src: z.array(sourceAnchorSchema).optional(),
  /** The bytes of the raw artifact that decode to exactly the quote; absent where markup stands in between. */
  srcBytes: span.optional(),
  confidence,
});

export const memoSchema = z.strictObject({
  schema: z.literal(MEMO_SCHEMA),
  docirSha: sha,
  chunkIndexSha: sha,
  method: z.enum([
    "extractive/1",
    "extractive/2",
    "extractive/3",
    "extractive/4",
    "extractive/5",
    "extractive/6",
    "extractive/7",
  ]),
  /** null only for a document without text: there is nothing to cite. */
  title: z.strictObject({ text: z.string(), cite: citationSchema }).nullable(),
  outline: z.array(
    z.strictObject({ blockId, level: z.int().min(1), text: z.string(), cite: citationSchema }),
  ),
  keySentences: z.array(z.strictObject({ text: z.string(), score: z.number(), cite: citationSchema })),
  figures: z.array(
    z.strictObject({ kind: z.enum(["date", "money", "number"]), text: z.string(), cite: citationSchema }),
  ),
  review: z.array(z.strictObject({ reason: z.string(), confidence, cite: citationSchema })),
  /** Of a mail, since `extractive/4`: who wrote to whom, and when. */
  message: z
    .array(
      z.strictObject({ name: z.enum(["from", "to", "cc", "date"]), text: z.string(), cite: citationSchema }),
    )
    .optional(),
  /** The columns of tables by their headers, since `extractive/4`. */
  columns: z
    .array(
      z.strictObject({
        table: blockId,
        text: z.string(),
        /** What more than half of its cells hold. */
        holds: z.enum(["date", "money", "number", "text"]),
        /** How many of its cells are not empty. */
        filled: offset,
        cite: citationSchema,
      }),
    )
    .optional(),
  /** The rows of totals in tables, since `extractive/4`. */
  totals: z.array(z.strictObject({ table: blockId, text: z.string(), cite: citationSchema })).optional(),
  /** The lines "name: value" of a form, since `extractive/4`. `text` is the value. */
  fields: z.array(z.strictObject({ name: z.string(), text: z.string(), cite: citationSchema })).optional(),
  /** Warnings of the docir that concern the whole document; present only when there are any. */
  warnings: z.array(z.strictObject({ code: z.string() })).optional(),
  /** [duplicate, the earlier chunk it repeats] */
  duplicates: z.array(z.tuple([chunkId, chunkId])),
  stats: z.strictObject({
    bytes: offset,
    /** Code points of `docir.text`. */
    chars: offset,
    words: offset,
    blocks: offset,
    pages: offset.optional(),
    chunks: offset,
    tokens: offset,
    lowConfidenceBlocks: offset,
  }),
});

export type Span = z.infer<typeof span>;
export type SourceAnchor = z.infer<typeof sourceAnchorSchema>;
export type LineBox = z.infer<typeof lineBoxSchema>;
export type Link = z.infer<typeof linkSchema>;
export type Mark = z.infer<typeof markSchema>;
export type Role = z.infer<typeof roleSchema>;
export type Run = z.infer<typeof runSchema>;
export type Recipe = z.infer<typeof recipeSchema>;
export type BlockType = z.infer<typeof blockTypeSchema>;
export type Block = z.infer<typeof blockSchema>;
export type Table = z.infer<typeof tableSchema>;
export type Attachment = z.infer<typeof attachmentSchema>;
export type DocIR = z.infer<typeof docIRSchema>;
export type Chunk = z.infer<typeof chunkSchema>;
export type ChunkIndex = z.infer<typeof chunkIndexSchema>;
export type Citation = z.infer<typeof citationSchema>;
export type Memo = z.infer<typeof memoSchema>;
