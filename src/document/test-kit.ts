/** What the tests of this folder share: seeded inputs, and as assertions what holds for every document. */
import assert from "node:assert/strict";
import fc from "fast-check";
import iconv from "iconv-lite";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { sha256Hex } from "../sha256.ts";
import { isSafeCut } from "./grapheme.ts";
import {
  type Block,
  buildChunkIndex,
  buildDocIR,
  buildMemo,
  type ChunkIndex,
  type Citation,
  chunkIndexSchema,
  type DocIR,
  docIRSchema,
  loadTokenizer,
  type Memo,
  memoSchema,
  REVIEW_BELOW,
  type Span,
} from "./index.ts";
import { decode } from "./text/decode.ts";

await loadTokenizer();

export type Derived = { docir: DocIR; chunkIndex: ChunkIndex; memo: Memo; shas: [string, string, string] };

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

type ReadOptions = Pick<Parameters<typeof buildDocIR>[0], "openOcr">;

/** The whole pipeline, as the steps of a run call it. */
export async function derive(
  source: string | Uint8Array,
  mediaType = "text/markdown",
  options: ReadOptions = {},
): Promise<Derived> {
  const bytes = typeof source === "string" ? bytesOf(source) : source;
  const docir = await buildDocIR({ bytes, mediaType, ...options });
  const docirSha = sha256Hex(canonicalJsonBytes(docir));
  const chunkIndex = buildChunkIndex({ docir, docirSha });
  const chunkIndexSha = sha256Hex(canonicalJsonBytes(chunkIndex));
  const memo = buildMemo({ docir, docirSha, chunkIndex, chunkIndexSha });
  return { docir, chunkIndex, memo, shas: [docirSha, chunkIndexSha, sha256Hex(canonicalJsonBytes(memo))] };
}

export function textOf(docir: DocIR, block: Block): string {
  return docir.text.slice(...block.span);
}

/** [type, text] of each block: what most tests want to see. */
export async function outlineOf(source: string, mediaType = "text/markdown"): Promise<[string, string][]> {
  const { docir } = await derive(source, mediaType);
  return docir.blocks.map((block) => [block.type, textOf(docir, block)]);
}

/** Each mark as its kind, its words and, of a footnote, the text where it begins. */
export function marksOf(docir: DocIR): string[] {
  const byId = new Map(docir.blocks.map((block) => [block.id, textOf(docir, block)]));
  return docir.blocks.flatMap(({ marks = [] }) =>
    marks.map((mark) => {
      const words = `${mark.kind} ${docir.text.slice(...mark.span)}`;
      if (mark.kind !== "footnote_reference") return words;
      return `${words} (${mark.label}) ${byId.get(mark.blockId ?? "") ?? "-"}`;
    }),
  );
}

/** Derives and asserts every invariant that can be seen in one result. */
export async function assertInvariants(
  source: string | Uint8Array,
  mediaType = "text/markdown",
  options: ReadOptions = {},
): Promise<Derived> {
  const bytes = typeof source === "string" ? bytesOf(source) : source;
  const derived = await derive(bytes, mediaType, options);
  docIRSchema.parse(derived.docir);
  chunkIndexSchema.parse(derived.chunkIndex);
  memoSchema.parse(derived.memo);
  assertSource(derived.docir, bytes);
  assertBlocks(derived.docir);
  assertTree(derived.docir);
  assertMarks(derived.docir);
  assertTables(derived.docir);
  assertChunks(derived);
  assertMemo(derived);
  return derived;
}

function assertSource(docir: DocIR, bytes: Uint8Array): void {
  assert.equal(docir.source.sha256, sha256Hex(bytes));
  for (const { src } of docir.blocks) assert.ok(src.length > 0, "every block has a place in the source");
  if (docir.source.charset === "none") return;
  const source = decodedSource(docir, bytes);
  for (const block of docir.blocks) {
    let at = block.span[0];
    for (const [textStart, textLen, srcStart, srcLen, exact] of block.runs ?? []) {
      assert.equal(textStart, at, "runs tile their block");
      at += textLen;
      if (!exact) continue;
      assert.equal(srcLen, textLen);
      assert.equal(docir.text.slice(textStart, at), source.slice(srcStart, srcStart + srcLen));
    }
    assert.equal(at, block.span[1], "runs tile their block");
    if (block.runBytes !== undefined) assert.equal(block.runBytes.length, block.runs?.length);
    for (const anchor of block.src) assert.ok(anchor.k === "bytes" && anchor.span[1] <= bytes.length);
  }
}

function decodedSource(docir: DocIR, bytes: Uint8Array): string {
  const { charset } = docir.source;
  if (charset === "iso-2022-jp") return decode(bytes, charset).text;
  const bomBytes = docir.source.bom
    ? charset.startsWith("utf-16")
      ? 2
      : charset.startsWith("utf-32")
        ? 4
        : 3
    : 0;
  return iconv.decode(Buffer.from(bytes.subarray(bomBytes)), charset, { stripBOM: false }).toWellFormed();
}

function assertBlocks(docir: DocIR): void {
  let end = 0;
  for (const [order, block] of docir.blocks.entries()) {
    assert.equal(block.order, order);
    assert.ok(
      block.span[0] >= end && block.span[1] > block.span[0],
      "blocks are ordered, disjoint and not empty",
    );
    assert.match(docir.text.slice(end, block.span[0]), /^\n*$/);
    assert.equal(block.textSha, sha256Hex(textOf(docir, block)));
    assert.ok(block.confidence === 0.95 || block.reasons.length > 0, "a lowered confidence has a reason");
    assert.equal(block.confidence, Math.round(block.confidence * 100) / 100);
    end = block.span[1];
  }
  assert.equal(docir.text.slice(end), "");
  assert.ok(docir.text.isWellFormed());
  assert.equal(new Set(docir.blocks.map(({ id }) => id)).size, docir.blocks.length, "ids are unique");
}

function assertTree(docir: DocIR): void {
  const before = new Map<string, Block>();
  for (const block of docir.blocks) {
    const parent = block.parent === null ? undefined : before.get(block.parent);
    assert.ok(block.parent === null || parent, "parents precede children");
    const isHeading = block.type === "heading" || block.type === "title";
    if (isHeading && parent)
      assert.ok((parent.level ?? 0) < (block.level ?? 0), "a heading is deeper than its parent");
    before.set(block.id, block);
  }
}

function assertMarks({ blocks }: DocIR): void {
  const ids = new Set(blocks.map(({ id }) => id));
  for (const { span, links = [], marks = [] } of blocks) {
    for (const part of [...links, ...marks])
      assert.ok(holds(span, part.span) && part.span[0] < part.span[1], "a mark holds words of its block");
    for (const [index, mark] of marks.entries()) {
      const before = marks[index - 1];
      const isInOrder =
        before === undefined ||
        before.span[0] < mark.span[0] ||
        (before.span[0] === mark.span[0] && before.span[1] >= mark.span[1]);
      assert.ok(isInOrder, "marks are in order, the longer first");
      if (mark.kind === "footnote_reference" && mark.blockId !== undefined) assert.ok(ids.has(mark.blockId));
    }
  }
}

function assertTables(docir: DocIR): void {
  for (const { table, span } of docir.blocks) {
    if (!table) continue;
    const taken = new Set<string>();
    for (const cell of table.cells) {
      assert.ok(cell.span[0] >= span[0] && cell.span[1] <= span[1] && cell.span[0] <= cell.span[1]);
      for (let r = cell.r; r < cell.r + cell.rs; r += 1) {
        for (let c = cell.c; c < cell.c + cell.cs; c += 1) {
          assert.ok(r < table.rows && c < table.cols && !taken.has(`${r} ${c}`));
          taken.add(`${r} ${c}`);
        }
      }
    }
    assert.equal(taken.size, table.rows * table.cols, "cells tile their grid");
  }
}

function assertChunks({ docir, chunkIndex, shas }: Derived): void {
  assert.equal(chunkIndex.docirSha, shas[0]);
  const parts = chunkIndex.chunks.flatMap((chunk) => chunk.parts);
  let index = 0;
  for (const block of docir.blocks) {
    if (block.type === "separator" || block.role === "hidden") continue;
    let at = block.span[0];
    while (at < block.span[1]) {
      const part = parts[index];
      assert.ok(
        part && part.blockId === block.id && part.span[0] === at,
        "parts cover each block once, in order",
      );
      at = part.span[1];
      assert.ok(isSafeCut(docir.text.slice(...block.span), at - block.span[0]));
      index += 1;
    }
    assert.equal(at, block.span[1]);
  }
  assert.equal(index, parts.length);
  const warned = new Set(chunkIndex.warnings?.map(({ chunkId }) => chunkId));
  for (const [ord, chunk] of chunkIndex.chunks.entries()) {
    assert.equal(chunk.ord, ord);
    assert.equal(chunk.text, chunk.parts.map(({ span }) => docir.text.slice(...span)).join("\n"));
    assert.equal(chunk.textSha, sha256Hex(chunk.text));
    assert.ok(chunk.tokens <= chunkIndex.params.maxTokens || warned.has(chunk.id));
    assert.equal(chunk.prev, chunkIndex.chunks[ord - 1]?.id);
    assert.equal(chunk.next, chunkIndex.chunks[ord + 1]?.id);
  }
  assert.equal(new Set(chunkIndex.chunks.map(({ id }) => id)).size, chunkIndex.chunks.length);
}

function assertMemo({ docir, chunkIndex, memo, shas }: Derived): void {
  assert.deepEqual([memo.docirSha, memo.chunkIndexSha], shas.slice(0, 2));
  const chunks = new Map(chunkIndex.chunks.map((chunk) => [chunk.id, chunk]));
  const citations = citationsOf(memo);
  for (const cite of citations) {
    const part = chunks
      .get(cite.chunkId)
      ?.parts.find(({ blockId, span }) => blockId === cite.blockId && holds(span, cite.span));
    assert.ok(part, "a cited span lies in its chunk");
    assert.equal(cite.quote, docir.text.slice(...cite.span));
    assert.equal(cite.quoteSha, sha256Hex(cite.quote));
    assert.ok(cite.quote.trim() !== "");
    assert.equal(resolvePointer(memo, cite.claim), cite.id, "a claim points at what it supports");
  }
  assert.equal(new Set(citations.map(({ id }) => id)).size, citations.length);
  for (const { text, cite } of memo.keySentences) assert.equal(text, cite.text);
  const doubtful = docir.blocks.filter(
    ({ confidence, type, role }) => confidence < REVIEW_BELOW && type !== "separator" && role !== "hidden",
  );
  assert.equal(memo.stats.lowConfidenceBlocks, doubtful.length);
  assert.deepEqual(
    new Set(memo.review.map(({ cite }) => cite.blockId)),
    new Set(doubtful.map(({ id }) => id)),
  );
}

export function citationsOf(memo: Memo): Citation[] {
  const { title, outline, keySentences, figures, review } = memo;
  const { message = [], columns = [], totals = [], fields = [] } = memo;
  const claims = [
    ...outline,
    ...keySentences,
    ...figures,
    ...review,
    ...message,
    ...columns,
    ...totals,
    ...fields,
  ];
  return [...(title ? [title.cite] : []), ...claims.map(({ cite }) => cite)];
}

function holds(outer: Span, inner: Span): boolean {
  return outer[0] <= inner[0] && inner[1] <= outer[1];
}

/** The id of the citation at a claim. */
function resolvePointer(memo: Memo, pointer: string): string | undefined {
  const [, list = "", index = "0"] = pointer.split("/");
  const found: unknown = (memo as Record<string, unknown>)[list];
  const claim: unknown = Array.isArray(found) ? found[Number(index)] : found;
  return (claim as { cite?: Citation } | undefined)?.cite?.id;
}

const SCRAPS = [
  "# ",
  "## ",
  "- ",
  "1. ",
  "> ",
  "    ",
  "\t",
  "```",
  "~~~",
  "---",
  "***",
  "|",
  "|-|-|",
  "\n",
  "\n",
  "\n\n",
  "\r\n",
  "\r",
  "\0",
  "*",
  "**",
  "_",
  "`",
  "~~",
  "[",
  "]",
  "(",
  ")",
  "![",
  "[^1]",
  "[^1]: ",
  "[a]: b",
  "<b>",
  "</b>",
  "<!--",
  "-->",
  "\\",
  "\\[low]",
  "[low]",
  " [low]",
  "&amp;",
  "&#x1F600;",
  "&#0;",
  "&#xD800;",
  "&bogus;",
  "http://a.b/c_d",
  "a@b.cd",
  "word",
  "Two words. ",
  "Mr. Fox? ",
  "12.5 %",
  "€3,000",
  "2024-02-29",
  "שלום עולם",
  "مرحبا",
  "👩‍👩‍👧‍👦",
  "🇮🇩🇫🇷",
  "e\u0301",
  "ก็",
  "क्षि",
  "각",
  "漢字。",
  "\ufeff",
  "\u2028",
  "\u00a0",
  "\ue000",
  "\ufffd",
  "=",
  "\f",
];

/** Texts made of up to so many scraps that are likely to disagree with one another. */
export function anySource(maxScraps: number): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...SCRAPS), { maxLength: maxScraps, size: "max" })
    .map((scraps) => scraps.join(""));
}

/** Text made of scraps that are likely to disagree with one another. */
export function randomSource(random: () => number, scraps: number): string {
  let text = "";
  for (let count = 0; count < scraps; count += 1) text += SCRAPS[Math.floor(random() * SCRAPS.length)] ?? "";
  return text;
}
