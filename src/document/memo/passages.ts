import type { Block, DocIR, Mark, Span } from "../schema.ts";
import { countWords, termsOf } from "../words.ts";
import { onOneLine } from "./citation.ts";
import { splitSentences } from "./sentences.ts";

/** A sentence in its block; the span has no blanks or markers at its ends. */
export type Sentence = {
  block: Block;
  span: Span;
  text: string;
  words: number;
  /** Split at each call: those of all sentences of a long document take more memory than the document. */
  terms: () => string[];
};

const PROSE: ReadonlySet<string> = new Set(["paragraph", "list_item", "quote"]);

/** Signs that tell what a text is and say nothing themselves: alerts, task boxes, directives, template tags, `[TOC]`. */
const MARKERS =
  /\s*(?:\[![\p{L}\d_-]{1,32}\][+-]?|\[[ xX]\](?=\s)|(?::{3,}|!{3}|\?{3})[^\n]*(?:\n|$)|\{[%{][^\n]{0,500}?[%}]\}|\[\[?_?toc_?\]?\])\s*/iuy;

/** The end of a directive that began with such a line. */
const CLOSING_MARKER = /\n:{3,}\s*$/u;

/** Cuts a text into spans that tile it. `notes` are the signs that call for notes, by their places in the text. */
export type SplitSentences = (text: string, notes: readonly Span[]) => [start: number, end: number][];

/** The sentences of the document's prose, in order. */
export function* proseSentences({ text, blocks }: DocIR, split?: SplitSentences): Generator<Sentence> {
  for (const block of blocks) if (PROSE.has(block.type)) yield* sentencesOf(text, block, split);
}

/** The sentences of a block, whatever its type. */
export function* sentencesOf(
  text: string,
  block: Block,
  split: SplitSentences = splitSentences,
): Generator<Sentence> {
  const blockText = text.slice(...block.span);
  const first = skipMarkers(blockText);
  const prose = blockText.slice(first).replace(CLOSING_MARKER, "");
  for (const [start, end] of split(prose, signsOf(block, [block.span[0] + first, block.span[1]]))) {
    const sentence = prose.slice(start, end);
    const length = sentence.trim().length;
    if (length === 0) continue;
    const from = block.span[0] + first + start + (sentence.length - sentence.trimStart().length);
    yield sentenceAt(text, block, [from, from + length]);
  }
}

/** Where the signs of notes in a span of the document are, counted from the start of the span. */
export function signsOf({ marks = [] }: Block, [from, to]: Span): Span[] {
  const signs: Span[] = [];
  // To look through all marks for each sentence of a block would take time by their square.
  for (let at = firstFrom(marks, from); at < marks.length; at += 1) {
    const mark = marks[at];
    if (mark === undefined || mark.span[0] >= to) break;
    const [start, end] = mark.span;
    if (mark.kind === "footnote_reference" && end <= to) signs.push([start - from, end - from]);
  }
  return signs;
}

/** The index of the first mark that starts there or behind. Marks are in the order of their starts. */
function firstFrom(marks: readonly Mark[], from: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.span[0] ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The sentence at a span of the document. */
export function sentenceAt(text: string, block: Block, span: Span): Sentence {
  const sentence = text.slice(...span);
  return {
    block,
    span,
    text: onOneLine(sentence),
    words: countWords(sentence),
    terms: () => termsOf(sentence),
  };
}

/** Where the text begins after markers. */
export function skipMarkers(text: string): number {
  let at = 0;
  for (;;) {
    MARKERS.lastIndex = at;
    const found = MARKERS.exec(text);
    if (!found || found[0].length === 0) return at;
    at = MARKERS.lastIndex;
  }
}
