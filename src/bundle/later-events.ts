import { canonicalJsonBytes } from "../canonical-json.ts";
import type { EventKind, RunEvent } from "../domain/journal.ts";
import { type BundleFile, ERASURE, REVIEWS } from "./layout.ts";
import { journalEntry } from "./tool-io.ts";

/**
 * The events after the end of the run that a bundle tells: `reviews.json` has what people decided about the doubtful passages of the
 * memo, `erasure.json` says that document and artifacts were erased. No file where there is no event, so that the bundles of other runs
 * keep their bytes.
 */
export function buildLaterEvents(events: readonly RunEvent[]): readonly BundleFile[] {
  return [...buildEvents(REVIEWS, "reviewed", events), ...buildEvents(ERASURE, "erased", events)];
}

function buildEvents(path: string, kind: EventKind, events: readonly RunEvent[]): readonly BundleFile[] {
  const found = events.filter((event) => event.kind === kind);
  return found.length === 0 ? [] : [{ path, bytes: canonicalJsonBytes(found.map(journalEntry)) }];
}
