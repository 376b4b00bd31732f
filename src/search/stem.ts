/**
 * The stem of a term, by which the forms of one word find each other: Porter's rules for English, and the particles of Indonesian. The
 * index keeps the exact forms, so a stem that suits another language badly hides nothing.
 * Source: M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980.
 */
export function stemOf(term: string): string {
  if (!/^[a-z]{3,}$/.test(term)) return term;
  let stem = removeParticle(term);
  for (const step of STEPS) stem = step(stem);
  return stem;
}

/** "bukunya" (the book of somebody), "apakah" (a question). */
function removeParticle(word: string): string {
  return word.replace(/^(.{4,})(?:nya|lah|kah)$/, "$1");
}

/** Each letter as a vowel or a consonant. A y after a consonant is a vowel. */
function formOf(word: string): string {
  let form = "";
  for (const letter of word) {
    const isVowel = "aeiou".includes(letter) || (letter === "y" && form.endsWith("c"));
    form += isVowel ? "v" : "c";
  }
  return form;
}

/** Porter's measure: how often a vowel is followed by a consonant. */
function measureOf(word: string): number {
  return formOf(word).match(/v+c+/g)?.length ?? 0;
}

function hasVowel(word: string): boolean {
  return formOf(word).includes("v");
}

/** Ends in consonant, vowel, consonant other than w, x and y, as "hop". */
function isShortSyllable(word: string): boolean {
  return formOf(word).endsWith("cvc") && !/[wxy]$/.test(word);
}

type Rules = readonly (readonly [suffix: string, replacement: string])[];

/** Replaces the longest suffix of the rules where the rest measures more than `above`. */
function replaceSuffix(word: string, rules: Rules, above: number): string {
  for (const [suffix, replacement] of rules) {
    if (!word.endsWith(suffix)) continue;
    const rest = word.slice(0, -suffix.length);
    return measureOf(rest) > above ? rest + replacement : word;
  }
  return word;
}

const longestFirst = (rules: Rules): Rules => [...rules].sort(([a], [b]) => b.length - a.length);

function removePlural(word: string): string {
  if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function removeTense(word: string): string {
  if (word.endsWith("eed")) return measureOf(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const [, rest] = /^(.+?)(?:ed|ing)$/.exec(word) ?? [];
  if (rest === undefined || !hasVowel(rest)) return word;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/([^aeiouylsz])\1$/.test(rest)) return rest.slice(0, -1);
  return measureOf(rest) === 1 && isShortSyllable(rest) ? `${rest}e` : rest;
}

function replaceFinalY(word: string): string {
  return word.endsWith("y") && hasVowel(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word;
}

const DOUBLE_SUFFIXES = longestFirst([
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["abli", "able"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"],
]);

const SINGLE_SUFFIXES = longestFirst([
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
]);

const LAST_SUFFIXES = longestFirst(
  [
    ...["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"],
    ...["ou", "ism", "ate", "iti", "ous", "ive", "ize"],
  ].map((suffix) => [suffix, ""] as const),
);

function removeLastSuffix(word: string): string {
  const [, rest] = /^(.*[st])ion$/.exec(word) ?? [];
  if (rest !== undefined) return measureOf(rest) > 1 ? rest : word;
  return replaceSuffix(word, LAST_SUFFIXES, 1);
}

function tidyEnd(word: string): string {
  let stem = word;
  if (stem.endsWith("e")) {
    const rest = stem.slice(0, -1);
    const measure = measureOf(rest);
    if (measure > 1 || (measure === 1 && !isShortSyllable(rest))) stem = rest;
  }
  return stem.endsWith("ll") && measureOf(stem) > 1 ? stem.slice(0, -1) : stem;
}

const STEPS: readonly ((word: string) => string)[] = [
  removePlural,
  removeTense,
  replaceFinalY,
  (word) => replaceSuffix(word, DOUBLE_SUFFIXES, 0),
  (word) => replaceSuffix(word, SINGLE_SUFFIXES, 0),
  removeLastSuffix,
  tidyEnd,
];
