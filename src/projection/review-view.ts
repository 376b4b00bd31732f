import type { Chunk, Citation, Span } from "../document/schema.ts";
import { type ReviewDecision, type ReviewItem, reviewIdOf } from "../domain/review.ts";
import { formatInstant } from "./format.ts";

/** A doubtful passage, in the body of `GET /review`. */
export type ReviewView = Readonly<{
  id: string;
  run_id: string;
  title: string;
  media_type: string;
  /** The name of the confidence rule. */
  reason: string;
  confidence: number;
  quote: string;
  /** The text of the chunk around the quote, on either side; empty where it is too large to read. */
  before: string;
  after: string;
  page?: number;
  block_id: string;
  /** Of `docir.text`, half-open, in UTF-16 units. */
  span: Span;
  decision: ReviewDecision | null;
}>;

/** So many characters are shown on each side of a passage. */
const CONTEXT_UNITS = 300;

export function reviewViewOf(item: ReviewItem, cite: Citation, chunk: Chunk | null): ReviewView {
  const { title, mediaType, reason, confidence, decision } = item;
  return {
    id: reviewIdOf(item),
    run_id: item.runId,
    title,
    media_type: mediaType,
    reason,
    confidence,
    quote: cite.quote,
    ...contextOf(cite, chunk),
    ...(cite.page === undefined ? {} : { page: cite.page }),
    block_id: cite.blockId,
    span: cite.span,
    decision: decision === null ? null : decisionOf(decision),
  };
}

/** The keys of the event that say what was decided. */
function decisionOf({ decision, note, by, via, at }: ReviewDecision): ReviewDecision {
  return {
    decision,
    ...(note === undefined ? {} : { note }),
    ...(by === undefined ? {} : { by }),
    via,
    at,
  };
}

/** The text of a chunk is that of its parts, joined by newlines; the quote begins in one of them. */
function contextOf(cite: Citation, chunk: Chunk | null): Readonly<{ before: string; after: string }> {
  let at = 0;
  for (const { span } of chunk?.parts ?? []) {
    const length = span[1] - span[0];
    if (chunk !== null && cite.span[0] >= span[0] && cite.span[0] < span[1]) {
      const start = at + cite.span[0] - span[0];
      const end = start + cite.quote.length;
      return {
        before: chunk.text.slice(Math.max(0, start - CONTEXT_UNITS), start).toWellFormed(),
        after: chunk.text.slice(end, end + CONTEXT_UNITS).toWellFormed(),
      };
    }
    at += length + 1;
  }
  return { before: "", after: "" };
}

const DECISION_WORDS = { accepted: "accepted", corrected: "corrected", skipped: "skipped" } as const;

/** `corrected by ada, 2026-01-31 12:00 UTC`. */
export function decisionInWords({ decision, by, at }: ReviewDecision): string {
  return `${DECISION_WORDS[decision]}${by === undefined ? "" : ` by ${by}`}, ${formatInstant(at).slice(0, 16)} UTC`;
}
