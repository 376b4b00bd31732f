/**
 * Sentences by a small rule of our own. Intl.Segmenter would do, and agrees between today's Node and Bun, but it follows
 * the runtime's ICU, which no recipe can pin: a memo must come out the same under next year's runtime.
 */

/** Ends a sentence wherever it stands. */
const FULL_WIDTH_END = "。！？｡";

/** A possible end: terminators, then whatever closes with them. */
const END = /[.!?…。！？｡؟۔।॥]+["'”’»)\]}」』）]*|\n[ \t]*\n/g;

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

function endsSentence(text: string, { start, index, end, after }: Candidate): boolean {
  const first = end.charAt(0);
  if (first === "\n" || FULL_WIDTH_END.includes(first)) return true;
  if (after === index + end.length) return false;
  const next = text.charAt(after);
  if (isLowerCase(next)) return false;
  return (
    !end.startsWith(".") ||
    end.startsWith("..") ||
    !isAbbreviated(text.slice(Math.max(start, index - 16), index), next)
  );
}

/** Whether a full stop after these last characters belongs to the word: an abbreviation, an initial, "1." in a list. */
function isAbbreviated(before: string, next: string): boolean {
  const word = /[\p{L}\p{M}.]+$/u.exec(before)?.[0] ?? "";
  if (word === "") return /^\s*\(?\d{1,3}$/.test(before);
  if (/^\p{Lu}$/u.test(word)) return /\p{Lu}/u.test(next);
  if (/^(?:[\p{L}]\.)+\p{L}$/u.test(word)) return !/\p{Lu}/u.test(next) || word.length <= 3;
  return ABBREVIATIONS.has(word.toLowerCase());
}

function isLowerCase(character: string): boolean {
  return /\p{Ll}/u.test(character);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}
