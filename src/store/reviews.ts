import { canonicalJson } from "../canonical-json.ts";
import type { Decision, ReviewItem, ReviewRef } from "../domain/review.ts";
import type { Database, Queryable } from "./database.ts";
import { appendEvent } from "./journal.ts";

export type ReviewQuery = Readonly<{
  state: Decision | "open" | "all";
  run?: string | undefined;
  reason?: string | undefined;
  limit: number;
  /** Only items after this position. */
  after: number;
}>;

/** Puts the doubtful passages of so many runs into the queue; returns how many runs there were. */
export async function fillReviewQueue(db: Queryable, runs: number): Promise<number> {
  const { rows } = await db.query<{ filled: number }>({
    name: "fill-review-queue",
    text: "select jejakekal.fill_review_queue($1) as filled where exists (select from jejakekal.review_pending)",
    values: [runs],
  });
  return rows[0]?.filled ?? 0;
}

export async function countOpenReviews(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ open: number }>({
    name: "count-open-reviews",
    text: "select count(*)::int as open from jejakekal.review_item where decision is null",
  });
  return rows[0]?.open ?? 0;
}

/** Oldest first. */
export async function listReviews(
  db: Queryable,
  { state, run, reason, limit, after }: ReviewQuery,
): Promise<readonly ReviewItem[]> {
  const { rows } = await db.query<ReviewItem>({
    name: "list-reviews",
    text: `${SELECT_ITEM}
      where i.id > $1
        and case $2 when 'all' then true when 'open' then i.decision is null else i.decision = $2 end
        and ($3::text is null or i.run_id = $3)
        and ($4::text is null or i.reason = $4)
      order by i.id limit $5`,
    values: [after, state, run ?? null, reason ?? null, limit],
  });
  return rows;
}

export async function findReview(db: Queryable, { runId, item }: ReviewRef): Promise<ReviewItem | null> {
  const { rows } = await db.query<ReviewItem>({
    name: "find-review",
    text: `${SELECT_ITEM} where i.run_id = $1 and i.item = $2`,
    values: [runId, item],
  });
  return rows[0] ?? null;
}

/** Adds the event of a decision to the journal of the run; false when there is no such item. */
export function decideReview(
  database: Database,
  { runId, item }: ReviewRef,
  {
    node,
    detail,
  }: Readonly<{ node: string; detail: Readonly<Record<string, unknown>> & { decision: Decision } }>,
): Promise<boolean> {
  return database.transaction(async (client) => {
    const found = await client.query(
      "select from jejakekal.review_item where run_id = $1 and item = $2 for update",
      [runId, item],
    );
    if (found.rowCount === 0) return false;
    await appendEvent(client, { runId, kind: "reviewed", node, detail });
    await client.query(
      `update jejakekal.review_item
          set decision = $3, event = $4::jsonb || jsonb_build_object('at', jejakekal.now_epoch_ms())
        where run_id = $1 and item = $2`,
      [runId, item, detail.decision, canonicalJson(detail)],
    );
    return true;
  });
}

const SELECT_ITEM = `
  select i.id::float8 as id, i.run_id as "runId", i.item, coalesce(memo.title, '') as title,
         split_part(raw.media_type, ';', 1) as "mediaType", i.memo, chunks.sha256 as "chunkIndex",
         chunks.bytes::float8 as "chunkIndexBytes", i.chunk_id as "chunkId", i.reason, i.confidence::float8 as confidence,
         case when i.decision is not null then i.event end as decision
    from jejakekal.review_item i
    join jejakekal.artifact memo on memo.run_id = i.run_id and memo.type = 'memo'
    join jejakekal.artifact chunks on chunks.run_id = i.run_id and chunks.type = 'chunk-index'
    join jejakekal.artifact raw on raw.run_id = i.run_id and raw.type = 'raw'`;
