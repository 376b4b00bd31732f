import { splitSentences } from "./sentences.ts";

/** A day or another ordinal, as German, Danish, Norwegian, Czech and Hungarian write it. */
const ORDINAL_END = /(?<![\p{Nd}.,])\p{Nd}{1,2}\.\s*$/u;

/** The months that stand behind such a day. */
const MONTH_START =
  /^(?:Jan|Feb|Mär|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Januar|Jänner|Februar|April|Juni|Juli|August|September|Oktober|November|Dezember)(?!\p{L})/u;

/** What seldom ends a sentence, besides what `splitSentences` knows: German, French, Spanish, Indonesian. */
const ABBREVIATION_END =
  /(?:^|[\s(])(?:zzgl|inkl|exkl|evtl|ggf|bzw|gem|lt|max|mind|vgl|abzgl|ca|z\.\s?B|d\.\s?h|u\.\s?a|Nr|Abs|Str|Hr|Fr|Mme|Mlle|env|Sra|Sr|Ud|hlm|yth|dkk)\.\s*$/u;

/** The unit of a quantity, which `splitSentences` takes for an abbreviation, with a word behind it that begins a sentence. */
const UNIT_END = /\p{Nd}[ \u00a0](?:min|sec|hrs?|h|s|kg|km|m)\.\s+(?=\p{Lu}\p{Ll}*\s)/gu;

/** The heading of a section of a plain text, whose lines are one paragraph. */
const NUMBERED_HEADING = /^\s*\(?\d{1,2}[.)][ \t]+\p{Lu}[^\n.!?;:,]{0,40}\n(?=\s*\p{Lu})/u;

/** As `splitSentences`, with days, abbreviations of other languages, and quantities at the end of a sentence. */
export function refineSentences(text: string): [start: number, end: number][] {
  const joined: [number, number][] = [];
  for (const [start, end] of splitSentences(text)) {
    const before = joined.at(-1);
    if (before && goesOn(text.slice(Math.max(before[0], start - 24), start), text.slice(start, start + 16))) {
      before[1] = end;
    } else joined.push([start, end]);
  }
  return joined.flatMap(([start, end]) => {
    const heading = NUMBERED_HEADING.exec(text.slice(start, Math.min(end, start + 64)))?.[0].length ?? 0;
    const rest = splitAtUnits(text, start + heading, end);
    return heading === 0 ? rest : [[start, start + heading], ...rest];
  });
}

function goesOn(end: string, next: string): boolean {
  return (ORDINAL_END.test(end) && MONTH_START.test(next)) || ABBREVIATION_END.test(end);
}

function splitAtUnits(text: string, start: number, end: number): [number, number][] {
  const parts: [number, number][] = [];
  let from = start;
  for (const { 0: found, index } of text.slice(start, end).matchAll(UNIT_END)) {
    parts.push([from, start + index + found.length]);
    from = start + index + found.length;
  }
  parts.push([from, end]);
  return parts;
}
