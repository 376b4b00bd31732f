import { canonicalJsonBytes } from "../canonical-json.ts";
import type { RunEvent } from "../domain/journal.ts";
import { type BundleFile, REVIEWS } from "./layout.ts";
import { journalEntry } from "./tool-io.ts";

/**
 * `reviews.json`: what people decided about the doubtful passages of the memo, as events of the journal. No file when nobody decided
 * anything, so that the bundles of other runs keep their bytes.
 */
export function buildReviews(events: readonly RunEvent[]): readonly BundleFile[] {
  const reviewed = events.filter(({ kind }) => kind === "reviewed");
  return reviewed.length === 0
    ? []
    : [{ path: REVIEWS, bytes: canonicalJsonBytes(reviewed.map(journalEntry)) }];
}
