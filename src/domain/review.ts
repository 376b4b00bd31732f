import { z } from "zod";
import type { Actor, Sender } from "./journal.ts";
import { checkPayload } from "./payload.ts";
import { isRunId } from "./run.ts";
import { actorFields, actorOf, words } from "./run-change.ts";

/** What a person decided about a doubtful passage. */
export const DECISIONS = ["accepted", "corrected", "skipped"] as const;

export type Decision = (typeof DECISIONS)[number];

export type ReviewRef = Readonly<{ runId: string; item: string }>;

/** A doubtful passage as it is stored. */
export type ReviewItem = ReviewRef &
  Readonly<{
    /** Position in the queue. */
    id: number;
    title: string;
    mediaType: string;
    /** sha256 of the memo that names it. */
    memo: string;
    /** sha256 of the chunk index that has the chunk around it. */
    chunkIndex: string;
    chunkIndexBytes: number;
    chunkId: string;
    reason: string;
    confidence: number;
    /** Null while it is open. */
    decision: ReviewDecision | null;
  }>;

export type ReviewDecision = Readonly<{
  decision: Decision;
  note?: string;
  by?: string;
  via: string;
  /** Milliseconds since 1970. */
  at: number;
}>;

export function reviewIdOf({ runId, item }: ReviewRef): string {
  return `${runId}:${item}`;
}

/** Reads `<run_id>:<citation id>`; null for anything else. */
export function readReviewId(value: string): ReviewRef | null {
  const [, runId = "", item = ""] = /^([^:]+):(q_[0-9a-f]{16})$/.exec(value) ?? [];
  return isRunId(runId) ? { runId, item } : null;
}

export type ReviewRequest = Readonly<{ decision: Decision; note?: string | undefined; actor: Actor }>;

const payload = z
  .strictObject(
    { decision: z.enum(DECISIONS, `takes ${DECISIONS.join(", ")}`), note: words(2_000), by: actorFields.by },
    "takes a JSON object",
  )
  .refine(({ decision, note }) => decision !== "corrected" || note !== undefined, {
    path: ["note"],
    message: "is required where the decision is corrected",
  });

/**
 * Parses a decision: `{decision, note?, by?}`. A correction has a note.
 * @throws Failure `invalid_run_payload`
 */
export function parseReview(body: unknown, sender: Sender): ReviewRequest {
  const { decision, note, by } = checkPayload(payload, body);
  return { decision, note, actor: actorOf({ by }, sender) };
}
