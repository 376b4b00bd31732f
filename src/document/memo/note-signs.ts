import type { Span } from "../schema.ts";
import { type Sentence, signsOf } from "./passages.ts";
import { SENTENCE_END } from "./quotable.ts";
import { refineSentences } from "./refine-sentences.ts";

/** The end of a sentence with what closes it, and signs of notes right behind, such as `[2]`, `[^a]`, `†`. */
const SIGNED_END =
  /(?<=[\p{Sentence_Terminal}…।॥]["'”’»)\]}」』）]{0,4})(?:\[\^?[\p{L}\p{N}*†‡§_-]{1,16}\]|[¹²³⁰⁴-⁹†‡]{1,4})+/gu;

/** Where the end of a sentence, with what closes it, stands before a place. */
const END_BEFORE = /[\p{Sentence_Terminal}…।॥]["'”’»)\]}」』）]{0,4}$/u;

/** Between two signs, as in `1, 2`. */
const BETWEEN_SIGNS = /^,?[ \u00a0]?$/u;

const CLOSES = /["'”’»)\]}」』）]/u;

/**
 * As `refineSentences`, with the signs of notes behind the end of a sentence as a part of this sentence. `notes` are the signs that
 * the reader knows, in the order of their starts; signs in brackets and raised digits are found without.
 */
export function splitWithNotes(text: string, notes: readonly Span[] = []): [start: number, end: number][] {
  return refineSentences(hideSigns(hideNotes(text, notes)));
}

/** Whether a sentence has an end mark, with what closes it and signs of notes behind it. */
export function hasEndMark(text: string, { block, span }: Sentence): boolean {
  return SENTENCE_END.test(hideSigns(hideNotes(text.slice(...span), signsOf(block, span))));
}

/** In the place of a sign stands what closes a sentence, of the same length, so that places stay. */
function hideSigns(text: string): string {
  return text.replace(SIGNED_END, (sign, at: number) => closing(text.charAt(at - 1), sign.length));
}

function hideNotes(text: string, notes: readonly Span[]): string {
  const parts: string[] = [];
  let done = 0;
  let isHidden = false;
  for (const [start, end] of notes) {
    if (start < done || end > text.length) continue;
    const between = text.slice(done, start);
    const goesOn: boolean = isHidden && BETWEEN_SIGNS.test(between);
    isHidden = goesOn || END_BEFORE.test(text.slice(Math.max(0, start - 5), start));
    const from = goesOn ? done : start;
    parts.push(
      text.slice(done, from),
      isHidden ? closing(text.charAt(from - 1), end - from) : text.slice(from, end),
    );
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join("");
}

/** A quotation that goes on behind its sign still ends in its own mark. */
function closing(before: string, length: number): string {
  return (CLOSES.test(before) ? before : ")").repeat(length);
}
