import { findWordRuns, lettersOf } from "../document/words.ts";

/** A word as it is indexed, and its place in the text in UTF-16 units, half-open. */
export type Token = Readonly<{ term: string; start: number; end: number }>;

/** A longer word is cut: it is data rather than a word, and a key of a Postgres index has a limit. */
const MAX_TERM_UNITS = 64;

const ASCII = /^[\0-\x7f]*$/;

/** Accents of Latin, Greek and Cyrillic, vowel signs of Arabic and Hebrew. In other scripts marks are letters. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u064b-\u0652]/g;

/** Word rules match these inside a word, as in "INV-2023" and "l'eau"; search takes the parts as words. */
const JOINERS = /['’-]+/g;

/**
 * The tokens of a text in order: words without case and accents, parted at hyphens and apostrophes; pairs of letters where a script is
 * written without blanks. The rules are those of `document/words.ts`, so every runtime finds the same.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { text: run, index, script } of findWordRuns(text)) {
    if (script === "word" || script === "katakana") addWords(tokens, run, index);
    else addPairs(tokens, run, index);
  }
  return tokens;
}

/** A word as it is indexed: compatibility forms, case and accents make no difference. */
export function normalizeWord(word: string): string {
  const plain = ASCII.test(word)
    ? word.toLowerCase()
    : word.normalize("NFKD").replace(ACCENTS, "").toLowerCase().normalize("NFC");
  return plain.length <= MAX_TERM_UNITS ? plain : plain.slice(0, MAX_TERM_UNITS).toWellFormed();
}

function addWords(tokens: Token[], run: string, index: number): void {
  let from = 0;
  for (const { 0: joiner, index: at } of run.matchAll(JOINERS)) {
    addWord(tokens, run, index, from, at);
    from = at + joiner.length;
  }
  addWord(tokens, run, index, from, run.length);
}

function addWord(tokens: Token[], run: string, index: number, from: number, to: number): void {
  if (to <= from) return;
  const term = normalizeWord(from === 0 && to === run.length ? run : run.slice(from, to));
  if (term !== "") tokens.push({ term, start: index + from, end: index + to });
}

/** A run of one letter is a token by itself. */
function addPairs(tokens: Token[], run: string, index: number): void {
  let start = index;
  let previous = "";
  for (const letter of lettersOf(run)) {
    if (previous !== "") {
      const end = start + previous.length + letter.length;
      tokens.push({ term: normalizeWord(previous + letter), start, end });
      start += previous.length;
    }
    previous = letter;
  }
  if (previous !== "" && start === index) {
    tokens.push({ term: normalizeWord(previous), start, end: start + previous.length });
  }
}
