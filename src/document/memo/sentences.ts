/**
 * Sentences by a small rule of our own. Intl.Segmenter would do, and agrees between today's Node and Bun, but it follows
 * the runtime's ICU, which no recipe can pin: a memo must come out the same under next year's runtime.
 */
import { UNSPACED_LETTERS } from "../words.ts";

/** Ends a sentence wherever it stands: full stops of Chinese, Japanese, Khmer, Burmese and Amharic. */
const END_ANYWHERE = "。！？｡．។៕။።";

/** Letters of Thai and Lao, which have no full stop. */
const THAI = "\\u0e01-\\u0e3a\\u0e40-\\u0e4e\\u0e81-\\u0ece";

/** Thai parts clauses and sentences alike by blanks, so a shorter piece is taken for a clause. */
const MIN_THAI_UNITS = 40;

/**
 * A possible end: terminators, then whatever closes with them; a blank line; a line ending before an item of a list; a
 * blank between letters of Thai.
 */
const END = new RegExp(
  [
    `[.!?…${END_ANYWHERE}؟۔।॥]+["'”’»)\\]}」』）]*`,
    "\\n[ \\t]*\\n",
    "\\n(?=[ \\t]*(?:[-*+•‣◦▪–—]|\\(?\\d{1,2}[.)])[ \\t])",
    `(?<=[${THAI}])[ \\u00a0]+(?=[${THAI}])`,
  ].join("|"),
  "gu",
);

const UNSPACED = new RegExp(`^[${UNSPACED_LETTERS}]`, "u");

/** Japanese goes on like this after a quotation. */
const AFTER_QUOTATION = /^(?:と|って)/u;

const ABBREVIATIONS = new Set(
  (
    "adm al approx apr art aug ave ca capt cf ch cmdr co col corp cpl dec dept dr e.g eds eq est et ex feb fig figs fri " +
    "gen gov hon hr hrs i.e inc jan jr jul jun lat lt ltd m.v mar max messrs min mon mr mrs ms mt mv no nos nov oct op p " +
    "para pp prof pt ref rev sat sec sen sep sept sgt sr st sun thu tue v vol vs viz wed"
  ).split(" "),
);

/** Spans that tile the text from its start to its end, each sentence with the blanks after it. One pass. */
export function splitSentences(text: string): [start: number, end: number][] {
  const sentences: [number, number][] = [];
  let start = 0;
  for (const { 0: end, index } of text.matchAll(END)) {
    // Blanks behind an end have been taken with it; to look through them again would take time by their square.
    if (index < start) continue;
    const after = skipBlanks(text, index + end.length);
    if (after >= text.length) break;
    if (!endsSentence(text, { start, index, end, after })) continue;
    sentences.push([start, after]);
    start = after;
  }
  if (start < text.length) sentences.push([start, text.length]);
  return sentences;
}

type Candidate = { start: number; index: number; end: string; after: number };

function endsSentence(text: string, candidate: Candidate): boolean {
  const { start, index, end, after } = candidate;
  const first = end.charAt(0);
  if (first === "\n") return true;
  if (first === " " || first === "\u00a0") return index - start >= MIN_THAI_UNITS;
  if (END_ANYWHERE.includes(first)) return endsAnywhere(text, candidate);
  const next = text.slice(after, after + 2);
  if (after === index + end.length) {
    const previous = text.slice(Math.max(0, index - 1), index);
    return UNSPACED.test(next) && (/^[!?]/.test(end) || (first === "." && UNSPACED.test(previous)));
  }
  if (/^\p{Ll}/u.test(next)) return false;
  return (
    !end.startsWith(".") ||
    end.startsWith("..") ||
    !isAbbreviated(text.slice(Math.max(start, index - 16), index), next.charAt(0))
  );
}

/** Not within `１．５`, nor where a quotation ends and its sentence goes on. */
function endsAnywhere(text: string, { index, end, after }: Candidate): boolean {
  const isDecimal =
    end === "．" && /\p{Nd}/u.test(text.charAt(index - 1)) && /\p{Nd}/u.test(text.charAt(after));
  const isQuoted = /[」』]$/.test(end) && AFTER_QUOTATION.test(text.slice(after, after + 2));
  return !isDecimal && !isQuoted;
}

/** Whether a full stop after these last characters belongs to the word: an abbreviation, an initial, "1." in a list. */
function isAbbreviated(before: string, next: string): boolean {
  const word = /[\p{L}\p{M}.]+$/u.exec(before)?.[0] ?? "";
  if (word === "") return /^\s*\(?\d{1,3}$/.test(before);
  if (/^\p{Lu}$/u.test(word)) return /\p{Lu}/u.test(next);
  if (/^(?:[\p{L}]\.)+\p{L}$/u.test(word)) return !/\p{Lu}/u.test(next) || word.length <= 3;
  return ABBREVIATIONS.has(word.toLowerCase());
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}
