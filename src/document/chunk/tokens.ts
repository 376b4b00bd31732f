export const TOKENIZER = "o200k_base";

type Encoder = typeof import("gpt-tokenizer/encoding/o200k_base");

let loaded: Encoder | undefined;

/** Loads the tables of the tokenizer, once. They take a fifth of a second, which a program that counts nothing need not wait. */
export async function loadTokenizer(): Promise<void> {
  loaded ??= await import("gpt-tokenizer/encoding/o200k_base");
  loaded.setMergeCacheSize(UNLIMITED_CACHE);
}

/**
 * The encoder remembers words, and once its memory is full it drops the oldest for each new one, which takes Bun a time that
 * grows with all that was ever dropped. So its memory is never full, and is emptied before each document.
 */
const UNLIMITED_CACHE = 1e9;

export function clearTokenCache(): void {
  loaded?.clearMergeCache();
}

/** Text of a document that looks like a control token is text. */
const OPTIONS = { disallowedSpecial: new Set<string>() };

/** The encoder takes time by the square of a word's length, so longer runs of one kind are counted in pieces. */
export const MAX_WORD_UNITS = 256;

/** What the encoder takes as one word: letters, blanks, or signs. */
const WORDS = /[\p{L}\p{M}]+|\s+|[^\s\p{L}\p{M}]+/gu;

/**
 * How many o200k_base tokens the text has: exact as long as no word, blank or row of signs is longer than 256 UTF-16
 * units, else the sum over pieces of that length. `loadTokenizer` comes first.
 */
export function countTokens(text: string): number {
  if (text.length <= MAX_WORD_UNITS) return countWhole(text);
  let tokens = 0;
  let from = 0;
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (word.length <= MAX_WORD_UNITS) continue;
    const end = index + word.length;
    for (let at = index + MAX_WORD_UNITS; at < end; at += MAX_WORD_UNITS) {
      tokens += countWhole(text.slice(from, at));
      from = at;
    }
  }
  return tokens + countWhole(text.slice(from));
}

function countWhole(text: string): number {
  if (loaded === undefined) throw new Error("the tokenizer is not loaded");
  return loaded.countTokens(text, OPTIONS);
}
