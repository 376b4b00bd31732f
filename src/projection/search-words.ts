import type { MatchKind, SearchHit } from "../search/answer.ts";

/** The text of a snippet in pieces. */
export function highlightedParts({
  text,
  highlights,
}: SearchHit["snippet"]): readonly Readonly<{ text: string; isHighlighted: boolean }>[] {
  const parts: { text: string; isHighlighted: boolean }[] = [];
  let from = 0;
  for (const [start, end] of highlights) {
    parts.push({ text: text.slice(from, start), isHighlighted: false });
    parts.push({ text: text.slice(start, end), isHighlighted: true });
    from = end;
  }
  parts.push({ text: text.slice(from), isHighlighted: false });
  return parts.filter((part) => part.text !== "");
}

const KINDS: Readonly<Record<MatchKind, string>> = {
  word: "",
  phrase: " (phrase)",
  form: " (another form)",
  prefix: " (begins so)",
  similar: " (similar)",
};

/** Why a chunk was found: `matched: payment, payments (another form)`; empty when only filters found it. */
export function matchInWords(matched: SearchHit["matched"]): string {
  const words = matched.map(([term, kind]) => `${term}${KINDS[kind]}`);
  return words.length === 0 ? "" : `matched: ${words.join(", ")}`;
}
