import type { Checkpoint } from "../checkpoint.ts";
import { findSafeCut } from "../grapheme.ts";
import { splitSentences } from "../memo/sentences.ts";
import type { Span } from "../schema.ts";
import { countTokens, MAX_WORD_UNITS } from "./tokens.ts";

/** A part of a block and an upper estimate of its tokens; its span counts from the start of the block's text. */
export type Part = { span: Span; tokens: number };

/** `firstMaxTokens` is for the first part, which may have to share its chunk. */
export type SplitOptions = Readonly<{
  maxTokens: number;
  firstMaxTokens: number;
  by: "sentence" | "line";
  checkpoint: Checkpoint;
}>;

/** A text no longer than this is counted at once; a longer one is counted by sentences. */
const COUNT_WHOLE_UNITS = 4096;

/**
 * Parts that tile the text, each at most `maxTokens` where its graphemes allow: the whole text, else sentences (or lines)
 * packed together, else words, else pieces of words.
 */
export function splitBlock(text: string, options: SplitOptions): Part[] {
  const whole = text.length <= COUNT_WHOLE_UNITS ? countTokens(text) : Number.POSITIVE_INFINITY;
  if (whole <= options.firstMaxTokens) return [{ span: [0, text.length], tokens: whole }];
  const spans = options.by === "line" ? lineSpans(text) : splitSentences(text);
  return pack(atoms(text, spans, options), options);
}

function* atoms(
  text: string,
  spans: Iterable<Span>,
  { maxTokens, firstMaxTokens, checkpoint }: SplitOptions,
): Generator<Part> {
  for (const [start, end] of spans) {
    checkpoint();
    const tokens =
      end - start <= COUNT_WHOLE_UNITS ? countTokens(text.slice(start, end)) : Number.POSITIVE_INFINITY;
    if (tokens <= (start === 0 ? firstMaxTokens : maxTokens)) yield { span: [start, end], tokens };
    else yield* wordAtoms(text, start, end, checkpoint);
  }
}

function* lineSpans(text: string): Generator<Span> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline + 1;
    yield [start, end];
    start = end;
  }
}

/** Words with the blanks before them, as the tokenizer sees them, and pieces of what is too long to be a word. */
function* wordAtoms(text: string, start: number, end: number, checkpoint: Checkpoint): Generator<Part> {
  const words = /\s*\S+|\s+/g;
  words.lastIndex = start;
  let from = start;
  while (from < end) {
    const found = words.exec(text);
    const wordEnd = Math.min(found ? found.index + found[0].length : end, end);
    while (from < wordEnd) {
      checkpoint();
      const to = wordEnd - from <= MAX_WORD_UNITS ? wordEnd : findSafeCut(text, from, from + MAX_WORD_UNITS);
      const cut = to >= wordEnd ? findSafeCut(text, from, wordEnd) : to;
      yield { span: [from, cut], tokens: countTokens(text.slice(from, cut)) };
      from = cut;
    }
    if (words.lastIndex < from) words.lastIndex = from;
  }
}

function pack(parts: Iterable<Part>, { maxTokens, firstMaxTokens }: SplitOptions): Part[] {
  const packed: Part[] = [];
  for (const part of parts) {
    const last = packed.at(-1);
    const limit = packed.length === 1 ? firstMaxTokens : maxTokens;
    if (last && last.tokens + part.tokens <= limit) {
      last.span[1] = part.span[1];
      last.tokens += part.tokens;
    } else {
      packed.push({ span: [...part.span], tokens: part.tokens });
    }
  }
  return packed;
}
