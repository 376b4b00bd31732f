import type { Chunk, Memo } from "../document/index.ts";
import { actorDetail } from "../domain/journal.ts";
import { type ReviewItem, type ReviewRef, type ReviewRequest, reviewIdOf } from "../domain/review.ts";
import { Failure } from "../failure.ts";
import { type ReviewView, reviewViewOf } from "../projection/review-view.ts";
import { findChunkPlaces } from "../search/chunk-scanner.ts";
import type { ReviewQuery, Store } from "../store/index.ts";
import type { PeriodicCheck } from "./periodic-check.ts";
import type { WaitingWorkCheck } from "./waiting-work.ts";

/** Runs whose passages one statement puts into the queue. */
const FILLED_RUNS = 50;

/** The text around a passage is left out where it is in a larger chunk index. */
const MAX_CONTEXT_BYTES = 2 * 1024 * 1024;

/** Puts the doubtful passages of new memos into the queue, apart from the steps of their runs. */
export function startReviewQueue(
  store: Pick<Store, "fillReviewQueue">,
  waitingWork: Pick<WaitingWorkCheck, "onChecked">,
): PeriodicCheck {
  return waitingWork.onChecked(async ({ isReviewWaiting }) => {
    while (isReviewWaiting && (await store.fillReviewQueue(FILLED_RUNS)) === FILLED_RUNS);
  });
}

type ReviewDeps = Readonly<{
  store: Pick<Store, "listReviews" | "countOpenReviews" | "findReview" | "decideReview" | "readBlobs">;
  /** The name of this node, for the journal. */
  node: string;
}>;

/** One page of the queue. `next` is the `after` of the following page. */
export type ReviewPage = Readonly<{ open: number; items: readonly ReviewView[]; next: number | null }>;

/** The doubtful passages of all runs, oldest first, with the text around them. Those whose memo cannot be read are left out. */
export async function listReviews({ store }: ReviewDeps, query: ReviewQuery): Promise<ReviewPage> {
  const [found, open] = await Promise.all([
    store.listReviews({ ...query, limit: query.limit + 1 }),
    store.countOpenReviews(),
  ]);
  const items = found.slice(0, query.limit);
  return {
    open,
    items: await withTexts(store, items),
    next: found.length > query.limit ? (items.at(-1)?.id ?? null) : null,
  };
}

/**
 * Records what a person decided, as an event of the run's journal. A later decision about the same passage is another event.
 * @throws Failure `review_item_not_found`
 */
export async function decideReview(
  { store, node }: ReviewDeps,
  ref: ReviewRef,
  { decision, note, actor }: ReviewRequest,
): Promise<ReviewView> {
  const notFound = new Failure("review_item_not_found", { review_id: reviewIdOf(ref) });
  const item = await store.findReview(ref);
  if (item === null) throw notFound;
  const detail = {
    decision,
    item: ref.item,
    memo: item.memo,
    item_reason: item.reason,
    ...(note === undefined ? {} : { note }),
    ...actorDetail(actor),
  };
  if (!(await store.decideReview(ref, { node, detail }))) throw notFound;
  const [decided] = await withTexts(
    store,
    [await store.findReview(ref)].filter((found) => found !== null),
  );
  if (decided === undefined) throw notFound;
  return decided;
}

async function withTexts(
  store: Pick<Store, "readBlobs">,
  items: readonly ReviewItem[],
): Promise<readonly ReviewView[]> {
  const small = items.filter(({ chunkIndexBytes }) => chunkIndexBytes <= MAX_CONTEXT_BYTES);
  const hashes = [...items.map(({ memo }) => memo), ...small.map(({ chunkIndex }) => chunkIndex)];
  const blobs = await store.readBlobs([...new Set(hashes)]);
  const bytesOf = (sha256: string) => {
    const blob = blobs.get(sha256);
    return blob?.state === "sound" ? blob.bytes : null;
  };
  return items.flatMap((item) => {
    const memo = bytesOf(item.memo);
    const entry = memo === null ? undefined : reviewEntryOf(memo, item.item);
    if (entry === undefined) return [];
    const index = bytesOf(item.chunkIndex);
    return [reviewViewOf(item, entry.cite, index === null ? null : chunkOf(index, item.chunkId))];
  });
}

/** The hash of the memo was checked, so its shape is known. */
function reviewEntryOf(memo: Uint8Array, item: string): Memo["review"][number] | undefined {
  const { review } = JSON.parse(new TextDecoder().decode(memo)) as Memo;
  return review.find(({ cite }) => cite.id === item);
}

function chunkOf(index: Uint8Array, chunkId: string): Chunk | null {
  for (const { at, bytes } of findChunkPlaces(index)) {
    const chunk = JSON.parse(new TextDecoder().decode(index.subarray(at, at + bytes))) as Chunk;
    if (chunk.id === chunkId) return chunk;
  }
  return null;
}
