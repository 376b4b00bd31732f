import { findSafeCut } from "../document/grapheme.ts";
import type { Chunk, Span } from "../document/schema.ts";
import { type Token, tokenize } from "./tokens.ts";

/** A piece of a chunk's text. Highlights are half-open spans of it, in UTF-16 units. */
export type Snippet = Readonly<{ text: string; highlights: readonly Span[] }>;

/** Where a hit is in its document: a block, and a span of `docir.text`. */
export type HitSource = Readonly<{ block_id: string; span: Span }>;

export type Shown = Readonly<{
  snippet: Snippet;
  source: HitSource;
  /** The terms of the query that are in the headings or the text of the chunk. */
  terms: ReadonlySet<string>;
}>;

/** Fits three lines on a wide screen. */
const SNIPPET_UNITS = 280;

/** How much text comes before the first highlight. */
const LEAD_UNITS = 60;

/** The stretch of a chunk that has most of the terms, and where it is in the document. */
export function showChunk(
  { text, parts, span, headingPath }: Pick<Chunk, "text" | "parts" | "span" | "headingPath">,
  wanted: ReadonlySet<string>,
): Shown {
  const found = tokenize(text).filter(({ term }) => wanted.has(term));
  const inHeadings = tokenize(headingPath.join("\n")).filter(({ term }) => wanted.has(term));
  const best = densestStretch(found);
  const [from, to] = windowAround(text, best);
  const highlights = found
    .filter(({ start, end }) => start >= from && end <= to)
    .map(({ start, end }): Span => [start - from, end - from]);
  const first = best[0];
  return {
    snippet: { text: text.slice(from, to), highlights: joinTouching(text.slice(from, to), highlights) },
    source: sourceOf(parts, span, first === undefined ? [0, 0] : [first.start, first.end]),
    terms: new Set([...found, ...inHeadings].map(({ term }) => term)),
  };
}

/** The tokens that fit into one snippet and hold the most different terms, the earliest of several such. */
function densestStretch(found: readonly Token[]): readonly Token[] {
  let best: readonly Token[] = [];
  let most = 0;
  let from = 0;
  for (let to = 0; to < found.length; to += 1) {
    while ((found[to]?.end ?? 0) - (found[from]?.start ?? 0) > SNIPPET_UNITS - LEAD_UNITS && from < to)
      from += 1;
    const stretch = found.slice(from, to + 1);
    const terms = new Set(stretch.map(({ term }) => term)).size;
    if (terms > most) [best, most] = [stretch, terms];
  }
  return best;
}

function windowAround(text: string, stretch: readonly Token[]): Span {
  const first = stretch[0]?.start ?? 0;
  const from = first <= LEAD_UNITS ? 0 : startOfWord(text, first - LEAD_UNITS, first);
  const end = Math.min(text.length, from + SNIPPET_UNITS);
  return [from, end === text.length ? end : endOfWord(text, from, end)];
}

function startOfWord(text: string, from: number, before: number): number {
  const blank = text.slice(from, before).search(/\s/);
  return blank === -1 ? findSafeCut(text, 0, from) : from + blank + 1;
}

function endOfWord(text: string, from: number, end: number): number {
  const [cut = ""] = /\s\S*$/.exec(text.slice(from, end)) ?? [];
  return cut !== "" && cut.length < SNIPPET_UNITS / 4 ? end - cut.length : findSafeCut(text, from, end);
}

/** Overlapping pairs of letters become one highlight, and so do words with nothing but a blank between them. */
function joinTouching(text: string, highlights: readonly Span[]): readonly Span[] {
  const joined: [number, number][] = [];
  for (const [start, end] of highlights) {
    const last = joined.at(-1);
    if (last !== undefined && (start <= last[1] || text.slice(last[1], start) === " "))
      last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** The text of a chunk is that of its parts, joined by newlines, and a part is a piece of one block. */
function sourceOf(parts: Chunk["parts"], whole: Span, [start, end]: Span): HitSource {
  let at = 0;
  for (const { blockId, span } of parts) {
    const length = span[1] - span[0];
    if (start < at + length || length === 0) {
      const from = span[0] + Math.max(0, start - at);
      const to = Math.min(span[1], span[0] + Math.max(0, end - at));
      return { block_id: blockId, span: to > from ? [from, to] : span };
    }
    at += length + 1;
  }
  return { block_id: parts[0]?.blockId ?? "", span: whole };
}
