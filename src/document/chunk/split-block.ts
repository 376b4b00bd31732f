import { findSafeCut } from "../grapheme.ts";
import { splitSentences } from "../memo/sentences.ts";
import type { Span } from "../schema.ts";
import { countTokens, MAX_WORD_UNITS } from "./tokens.ts";

/** A part of a block and an upper estimate of its tokens; its span counts from the start of the block's text. */
export type Part = { span: Span; tokens: number };

/** A text no longer than this is counted at once; a longer one is counted by sentences. */
const COUNT_WHOLE_UNITS = 4096;

/**
 * Parts that tile the text, each at most `maxTokens` where its graphemes allow: the whole text, else sentences (or lines)
 * packed together, else words, else pieces of words.
 */
export function splitBlock(text: string, maxTokens: number, by: "sentence" | "line" = "sentence"): Part[] {
  const whole = text.length <= COUNT_WHOLE_UNITS ? countTokens(text) : Number.POSITIVE_INFINITY;
  if (whole <= maxTokens) return [{ span: [0, text.length], tokens: whole }];
  return pack(atoms(text, by === "line" ? lineSpans(text) : splitSentences(text), maxTokens), maxTokens);
}

function* atoms(text: string, spans: Iterable<Span>, maxTokens: number): Generator<Part> {
  for (const [start, end] of spans) {
    const tokens =
      end - start <= COUNT_WHOLE_UNITS ? countTokens(text.slice(start, end)) : Number.POSITIVE_INFINITY;
    if (tokens <= maxTokens) yield { span: [start, end], tokens };
    else yield* wordAtoms(text, start, end);
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
function* wordAtoms(text: string, start: number, end: number): Generator<Part> {
  const words = /\s*\S+|\s+/g;
  words.lastIndex = start;
  let from = start;
  while (from < end) {
    const found = words.exec(text);
    const wordEnd = Math.min(found ? found.index + found[0].length : end, end);
    while (from < wordEnd) {
      const to = wordEnd - from <= MAX_WORD_UNITS ? wordEnd : findSafeCut(text, from, from + MAX_WORD_UNITS);
      const cut = to >= wordEnd ? findSafeCut(text, from, wordEnd) : to;
      yield { span: [from, cut], tokens: countTokens(text.slice(from, cut)) };
      from = cut;
    }
    if (words.lastIndex < from) words.lastIndex = from;
  }
}

function pack(parts: Iterable<Part>, maxTokens: number): Part[] {
  const packed: Part[] = [];
  for (const part of parts) {
    const last = packed.at(-1);
    if (last && last.tokens + part.tokens <= maxTokens) {
      last.span[1] = part.span[1];
      last.tokens += part.tokens;
    } else {
      packed.push({ span: [...part.span], tokens: part.tokens });
    }
  }
  return packed;
}
