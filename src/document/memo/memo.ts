import { type Checkpoint, noCheckpoint } from "../checkpoint.ts";
import { REVIEW_BELOW } from "../confidence.ts";
import { shorten } from "../grapheme.ts";
import { type Block, type ChunkIndex, type DocIR, MEMO_SCHEMA, type Memo } from "../schema.ts";
import { WHOLE_DOCUMENT_WARNINGS } from "../warnings.ts";
import { countWords } from "../words.ts";
import type { Scored } from "./candidates.ts";
import { type Citations, createCitationBuilder, onOneLine } from "./citation.ts";
import { type Facts, factsOf, looseFactsOf } from "./facts.ts";
import { type Figure, findFigures } from "./figures.ts";
import { findFrequentSentences } from "./frequent-words.ts";
import { findKeySentences } from "./key-sentences.ts";
import { hasEndMark } from "./note-signs.ts";
import { findOwnSentences } from "./own-sentences.ts";
import type { Sentence } from "./passages.ts";
import { createIsQuotable } from "./quotable.ts";
import { refineAllFigures, refineFigures } from "./refine-figures.ts";
import { refineSentences } from "./refine-sentences.ts";
import { findTitle } from "./title.ts";

const MAX_TITLE_UNITS = 160;

/** Enough for a page to show; a list of ten thousand numbers is what the document itself is for. */
const MAX_FIGURES = 60;

/** How a memo chooses what it quotes. */
type Method = Readonly<{
  findSentences: (
    docir: DocIR,
    isQuotable: (sentence: Sentence) => boolean,
    checkpoint: Checkpoint,
  ) => readonly Scored[];
  findFacts: (docir: DocIR, citations: Citations) => Facts;
  createIsQuotable: (docir: DocIR, facts: Facts) => (sentence: Sentence) => boolean;
  findFigures: (text: string, options: Readonly<{ isHeading: boolean }>) => Iterable<Figure>;
  hasFiguresOf: (block: Block) => boolean;
}>;

const EARLIER: Method = {
  findSentences: findKeySentences,
  findFacts: factsOf,
  createIsQuotable: () => () => true,
  findFigures,
  hasFiguresOf: () => true,
};

const REFINED: Method = {
  findSentences: (docir, isQuotable, checkpoint) =>
    findKeySentences(docir, isQuotable, checkpoint, { split: refineSentences }),
  findFacts: factsOf,
  createIsQuotable,
  findFigures: refineFigures,
  hasFiguresOf: ({ role }) => role !== "boilerplate",
};

/** Methods that can still be run, so that memos of earlier versions can be reproduced. The newest is the default. */
const METHODS = {
  "extractive/3": { ...EARLIER, findSentences: findFrequentSentences, findFacts: () => ({}) },
  "extractive/4": { ...EARLIER, findFacts: looseFactsOf },
  "extractive/5": EARLIER,
  "extractive/6": REFINED,
  "extractive/7": {
    ...REFINED,
    findSentences: findOwnSentences,
    createIsQuotable: (docir, facts) => createIsQuotable(docir, facts, hasEndMark),
    findFigures: refineAllFigures,
  },
} as const satisfies Record<string, Method>;

type MemoMethod = keyof typeof METHODS;

export function isMemoMethod(name: unknown): name is MemoMethod {
  return typeof name === "string" && Object.hasOwn(METHODS, name);
}

/**
 * Sums up a document in its own words: each sentence, figure and doubt with a citation that anyone can check against the
 * stored docir. The shas are of the stored bytes. Throws an Error if the chunk index is of another document.
 */
export function buildMemo(given: {
  docir: DocIR;
  docirSha: string;
  chunkIndex: ChunkIndex;
  chunkIndexSha: string;
  method?: MemoMethod;
  checkpoint?: Checkpoint;
}): Memo {
  const { chunkIndex, method = "extractive/7", checkpoint = noCheckpoint } = given;
  // What the document does not show is in no chunk, so it cannot be cited.
  const docir = { ...given.docir, blocks: given.docir.blocks.filter(({ role }) => role !== "hidden") };
  const citations = createCitationBuilder(docir, chunkIndex);
  const isRepeated = inRepeatedChunk(chunkIndex);
  const { findSentences, findFacts, ...rules } = METHODS[method];
  const facts = findFacts(docir, citations);
  const isWorth = rules.createIsQuotable(docir, facts);
  const isQuotable = (sentence: Sentence) =>
    isWorth(sentence) && !isRepeated(sentence) && citations.isWhole(sentence.block, sentence.span);
  return {
    schema: MEMO_SCHEMA,
    docirSha: given.docirSha,
    chunkIndexSha: given.chunkIndexSha,
    method,
    title: titleOf(docir, citations),
    outline: outlineOf(docir, citations),
    keySentences: findSentences(docir, isQuotable, checkpoint).map(({ sentence, score }, index) => ({
      text: sentence.text,
      score: score / 100,
      cite: citations.cite(`/keySentences/${index}`, sentence.block, sentence.span),
    })),
    figures: figuresOf(docir, citations, { ...rules, checkpoint }),
    review: reviewOf(docir, citations),
    ...facts,
    ...warningsOf(docir),
    duplicates: chunkIndex.chunks.flatMap(({ id, dupOf }) => (dupOf === undefined ? [] : [[id, dupOf]])),
    stats: statsOf(given.docir, chunkIndex),
  };
}

function titleOf(docir: DocIR, { cite }: Citations): Memo["title"] {
  const title = findTitle(docir);
  if (!title) return null;
  const quoted = cite("/title", title.block, title.span);
  return { text: shorten(quoted.text, MAX_TITLE_UNITS), cite: quoted };
}

function outlineOf({ blocks }: DocIR, { cite }: Citations): Memo["outline"] {
  const headings = blocks.filter(({ type }) => type === "title" || type === "heading");
  return headings.map((block, index) => {
    const quoted = cite(`/outline/${index}`, block, block.span);
    return { blockId: block.id, level: block.level ?? 1, text: quoted.text, cite: quoted };
  });
}

/** Each figure where it is first named. */
function figuresOf(
  { text, blocks }: DocIR,
  { cite, isWhole }: Citations,
  rules: Pick<Method, "findFigures" | "hasFiguresOf"> & Readonly<{ checkpoint: Checkpoint }>,
): Memo["figures"] {
  const figures: Memo["figures"] = [];
  const seen = new Set<string>();
  for (const block of blocks) {
    if (block.type === "code" || block.type === "separator" || block.type === "metadata") continue;
    if (!rules.hasFiguresOf(block)) continue;
    rules.checkpoint();
    const isHeading = block.type === "title" || block.type === "heading";
    for (const { kind, start, end } of rules.findFigures(text.slice(...block.span), { isHeading })) {
      const span: [number, number] = [block.span[0] + start, block.span[0] + end];
      if (!isWhole(block, span)) continue;
      const name = onOneLine(text.slice(...span));
      if (seen.has(`${kind} ${name}`)) continue;
      if (figures.length >= MAX_FIGURES) return figures;
      seen.add(`${kind} ${name}`);
      const quoted = cite(`/figures/${figures.length}`, block, span);
      figures.push({ kind, text: quoted.text, cite: quoted });
    }
  }
  return figures;
}

/** Every reason to doubt a block that is under the threshold. */
function reviewOf({ blocks }: DocIR, { cite }: Citations): Memo["review"] {
  const doubts = blocks
    .filter((block) => isDoubtful(block))
    .flatMap((block) => block.reasons.map((reason) => ({ block, reason })));
  return doubts.map(({ block, reason }, index) => ({
    reason,
    confidence: block.confidence,
    cite: cite(`/review/${index}`, block, block.span),
  }));
}

/** A hidden block is in no chunk, so no citation can show it. */
function isDoubtful({ type, role, confidence }: Block): boolean {
  return confidence < REVIEW_BELOW && type !== "separator" && role !== "hidden";
}

function warningsOf({ warnings }: DocIR): Pick<Memo, "warnings"> {
  const codes = new Set(warnings.map(({ code }) => code).filter((code) => WHOLE_DOCUMENT_WARNINGS.has(code)));
  return codes.size === 0 ? {} : { warnings: [...codes].map((code) => ({ code })) };
}

function inRepeatedChunk({ chunks }: ChunkIndex): (sentence: Sentence) => boolean {
  const repeated = new Set<string>();
  for (const chunk of chunks) {
    if (chunk.dupOf !== undefined) for (const { blockId } of chunk.parts) repeated.add(blockId);
  }
  return ({ block }) => repeated.has(block.id);
}

function statsOf(docir: DocIR, { chunks }: ChunkIndex): Memo["stats"] {
  return {
    bytes: docir.source.bytes,
    chars: countCodePoints(docir.text),
    words: countWords(docir.text),
    blocks: docir.blocks.length,
    ...(docir.pages === undefined ? {} : { pages: docir.pages.length }),
    chunks: chunks.length,
    tokens: chunks.reduce((sum, { tokens }) => sum + tokens, 0),
    lowConfidenceBlocks: docir.blocks.filter(isDoubtful).length,
  };
}

function countCodePoints(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs += 1;
  return text.length - pairs;
}
