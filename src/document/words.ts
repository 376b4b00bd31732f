/**
 * Words by rules of our own. Intl.Segmenter follows the dictionaries of the runtime's ICU, whose version no recipe can pin,
 * so scripts that are written without blanks have words by estimate here, and terms by pairs of characters.
 */

/** Letters of scripts that are written without blanks between words, for a character class with the flag `u` or `v`. */
export const UNSPACED_LETTERS =
  "\\p{sc=Han}々〆\\p{sc=Hiragana}\\p{sc=Katakana}ー\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}";

/**
 * Runs of characters that count alike, and words of all other scripts. Sets of characters are subtracted: a lookahead before each
 * character of a word of a megabyte takes JavaScriptCore half a minute.
 */
const RUNS = new RegExp(
  [
    "(?<han>[\\p{sc=Han}々〆]+)",
    "(?<hiragana>\\p{sc=Hiragana}+)",
    "(?<katakana>[\\p{sc=Katakana}ー]+)",
    "(?<thai>[[\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]--\\p{Nd}]+)",
    `(?<word>[\\p{L}\\p{N}][[\\p{L}\\p{M}\\p{N}'’\\-]--[${UNSPACED_LETTERS}]]*)`,
  ].join("|"),
  "gv",
);

/** Characters of an average word, by script. A word of katakana is written in one run. */
const WORD_LENGTHS = { han: 2, hiragana: 2, katakana: Number.POSITIVE_INFINITY, thai: 4 } as const;

const UNSPACED_SCRIPTS = ["han", "hiragana", "katakana", "thai"] as const;

type UnspacedScript = (typeof UNSPACED_SCRIPTS)[number];

/** Said often, these say nothing about a text. They part the terms around them. */
const HAN_FUNCTION_WORDS = /[的了是在和與与及或也都就而並并對对於于把被這这那個个]/u;
const THAI_FUNCTION_WORDS = /และ|ที่|ใน|ของ|เป็น|ได้|ว่า|จะ|ไม่|ให้|จาก|กับ|โดย|การ|ความ/u;

/** A letter with its marks. A leading vowel of Thai or Lao belongs to the letter after it. */
const CLUSTERS = /[\u0e40-\u0e44\u0ec0-\u0ec4]?\P{M}[\p{M}\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3]*/gu;

/** A word; or a run of letters of one script that is written without blanks. `index` counts UTF-16 units. */
export type WordRun = Readonly<{ text: string; index: number; script: UnspacedScript | "word" }>;

/** The words of a text in order. */
export function* findWordRuns(text: string): Generator<WordRun> {
  for (const { 0: run, index, groups } of text.matchAll(RUNS)) {
    const script = UNSPACED_SCRIPTS.find((name) => groups?.[name] !== undefined) ?? "word";
    yield { text: run, index, script };
  }
}

/** The letters of a run without blanks, each with its marks. */
export function lettersOf(run: string): readonly string[] {
  return run.match(CLUSTERS) ?? [];
}

/** How many words the text has; an estimate where it is written without blanks. */
export function countWords(text: string): number {
  let count = 0;
  for (const { text: run, script } of findWordRuns(text)) {
    count += script === "word" ? 1 : Math.max(1, Math.round(run.length / WORD_LENGTHS[script]));
  }
  return count;
}

/** Lower-case words and numbers; where a text is written without blanks, its pairs of characters. Hiragana says little. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const { text: run, script } of findWordRuns(text.toLowerCase())) {
    if (script === "word" || script === "katakana") terms.push(run);
    else if (script === "han") addPairs(terms, run.split(HAN_FUNCTION_WORDS));
    else if (script === "thai") addPairs(terms, run.split(THAI_FUNCTION_WORDS));
  }
  return terms;
}

/** Whether a term is of a script without blanks, where two characters can be a word. */
export function isUnspaced(term: string): boolean {
  return UNSPACED.test(term);
}

const UNSPACED = new RegExp(`^[${UNSPACED_LETTERS}]`, "u");

function addPairs(terms: string[], runs: readonly string[]): void {
  for (const run of runs) {
    const letters = lettersOf(run);
    for (let index = 0; index + 1 < letters.length; index += 1)
      terms.push(`${letters[index]}${letters[index + 1]}`);
  }
}
