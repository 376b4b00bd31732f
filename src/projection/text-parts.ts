/** UTF-16 offsets into a text, half-open. */
export type Span = readonly [number, number];

/**
 * A piece of text as a page shows it. `mark`: it is cited. `marks`: how the document sets it off, no kind twice. `cut`: so many
 * characters are left out here.
 */
export type Part = Readonly<
  { kind: "text" | "mark"; text: string; marks?: readonly PartMark[] } | { kind: "cut"; count: number }
>;

/** `place`: the block where the footnote begins, by its position and id; null where there is none. */
export type PartMark = Readonly<
  | { kind: "emphasis" | "strong" | "code" | "strikethrough" }
  | { kind: "link"; href: string }
  | { kind: "footnote_reference"; place: Readonly<{ at: number; block_id: string }> | null }
>;

/** How much of a long text is kept on either side of its mark. */
const CONTEXT_UNITS = 400;

/**
 * The text of a span in parts: marked, not marked, and, where the span is longer than `maxUnits`, left out. Without a mark the
 * beginning is kept, else the text around the mark.
 */
export function partsOf(
  text: string,
  [begin, end]: Span,
  mark: Span | null,
  maxUnits: number,
): readonly Part[] {
  const [markFrom, markTo] = mark === null ? [end, end] : within([begin, end], mark);
  const isLong = end - begin > maxUnits;
  if (markTo === markFrom) {
    const shown = isLong ? safeCut(text, begin + maxUnits) : end;
    return [...plain("text", text.slice(begin, shown)), ...cut(end - shown)];
  }
  const from = isLong ? safeCut(text, Math.max(begin, markFrom - CONTEXT_UNITS)) : begin;
  const shownMarkTo = isLong ? safeCut(text, Math.min(markTo, markFrom + maxUnits)) : markTo;
  const to =
    shownMarkTo < markTo ? markTo : isLong ? safeCut(text, Math.min(end, markTo + CONTEXT_UNITS)) : end;
  return [
    ...cut(from - begin),
    ...plain("text", text.slice(from, markFrom)),
    ...plain("mark", text.slice(markFrom, shownMarkTo)),
    ...cut(markTo - shownMarkTo),
    ...plain("text", text.slice(markTo, to)),
    ...cut(end - to),
  ];
}

/** Whether two spans share a character. */
export function overlaps(a: Span, b: Span | null): boolean {
  return b !== null && a[0] < b[1] && b[0] < a[1];
}

function within([begin, end]: Span, [from, to]: Span): Span {
  const first = Math.min(Math.max(from, begin), end);
  return [first, Math.min(Math.max(to, first), end)];
}

/** Never between the two halves of a surrogate pair. */
function safeCut(text: string, at: number): number {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at - 1 : at;
}

function plain(kind: "text" | "mark", text: string): readonly Part[] {
  return text === "" ? [] : [{ kind, text }];
}

function cut(count: number): readonly Part[] {
  return count > 0 ? [{ kind: "cut", count }] : [];
}
