import type { Block, DocIR, Span } from "../schema.ts";
import { onOneLine } from "./citation.ts";
import { splitSentences } from "./sentences.ts";

/** A sentence in its block; the span has no blanks at its ends. */
export type Sentence = { block: Block; span: Span; text: string; words: string[] };

const PROSE: ReadonlySet<string> = new Set(["paragraph", "list_item", "quote"]);

const WORDS = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu;

/** The sentences of the document's prose, in order. */
export function* proseSentences({ text, blocks }: DocIR): Generator<Sentence> {
  for (const block of blocks) {
    if (!PROSE.has(block.type)) continue;
    const blockText = text.slice(...block.span);
    for (const [start, end] of splitSentences(blockText)) {
      const sentence = blockText.slice(start, end);
      const from = block.span[0] + start + (sentence.length - sentence.trimStart().length);
      const span: Span = [from, from + sentence.trim().length];
      yield { block, span, text: onOneLine(sentence), words: wordsOf(sentence) };
    }
  }
}

/** Lower-case words and numbers. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORDS) ?? [];
}

/** How many words the text has. */
export function countWords(text: string): number {
  let count = 0;
  for (const _word of text.matchAll(WORDS)) count += 1;
  return count;
}
