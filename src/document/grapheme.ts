/**
 * Where text may be cut. The rule is ours and looks at a few characters only: Intl.Segmenter follows the runtime's ICU,
 * whose version no recipe can pin. It may call a good place bad, never the other way round.
 */

/** Joins what stands before it: marks, joiners, variation selectors, emoji modifiers and tags, trailing jamo. */
const JOINS_BEFORE =
  /^(?:\u200d|[\u{1f3fb}-\u{1f3ff}]|[\p{M}\u0e33\u0eb3\u200c\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\u{e0000}-\u{e0fff}])/u;

/** Joins what stands after it: joiners, prepended marks, leading jamo and syllables that a trailing jamo could extend. */
const JOINS_AFTER =
  /[\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u1100-\u115f\ua960-\ua97c\u{110bd}\u{110cd}\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]$/u;

const REGIONAL = /^[\u{1f1e6}-\u{1f1ff}]/u;

/** A mark may bind consonants into one conjunct in the scripts of South and Southeast Asia. */
const CONJUNCT = /\p{M}[\u200c\u200d]?$/u;
const CONJOINABLE = /^[\u0900-\u0dff\u1000-\u109f\u1780-\u1cff\ua800-\uabff\u{11000}-\u{11fff}]/u;

/**
 * Whether text can be cut at this offset without parting a surrogate pair, CRLF or a grapheme. `from` is any safe cut
 * before it: flags are pairs, so they are counted from there.
 */
export function isSafeCut(text: string, at: number, from = 0): boolean {
  if (at <= 0 || at >= text.length) return true;
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  if (before === 0x0d && after === 0x0a) return false;
  if (before < 0x300 && after < 0x300) return true;
  if (before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff) return false;
  const head = text.slice(Math.max(0, at - 4), at);
  const tail = text.slice(at, at + 2);
  if (JOINS_BEFORE.test(tail) || JOINS_AFTER.test(head)) return false;
  if (REGIONAL.test(tail)) return countRegionalsBefore(text, at, from) % 2 === 0;
  return !(CONJUNCT.test(head) && CONJOINABLE.test(tail));
}

/** The last safe cut in (from, to], or the first one after `to` if that part is one unbroken grapheme. */
export function findSafeCut(text: string, from: number, to: number): number {
  for (let at = Math.min(to, text.length); at > from; at -= 1) if (isSafeCut(text, at, from)) return at;
  let at = to + 1;
  while (!isSafeCut(text, at, from)) at += 1;
  return Math.min(at, text.length);
}

/** At most `maxUnits` UTF-16 units, the last of them "…" where something was cut off. */
export function shorten(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  let at = maxUnits - 1;
  while (at > 0 && !isSafeCut(text, at)) at -= 1;
  return `${text.slice(0, at).trimEnd()}…`;
}

function countRegionalsBefore(text: string, at: number, from: number): number {
  let count = 0;
  while (at - 2 * count > from && REGIONAL.test(text.slice(at - 2 * count - 2, at - 2 * count))) count += 1;
  return count;
}
