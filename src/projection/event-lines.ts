import type { EventKind } from "../domain/journal.ts";
import { formatDuration, shortHash } from "./format.ts";
import type { EventView, JournalView } from "./journal-view.ts";

/** An entry of the journal in people's words. */
export type EventLine = Readonly<{
  seq: number;
  atEpochMs: number;
  word: string;
  tone: "plain" | "good" | "warn" | "bad";
  about: string;
  /** The other run that the entry is about: a fork, or what this run was forked from. */
  runId: string | null;
}>;

export function eventLineOf({ seq, at_epoch_ms, kind, node, detail }: EventView): EventLine {
  return { seq, atEpochMs: at_epoch_ms, ...WORDS[kind](readerOf(detail), node) };
}

type Words = Omit<EventLine, "seq" | "atEpochMs">;
type Reader = ReturnType<typeof readerOf>;

const WORDS: Readonly<Record<EventKind, (detail: Reader, node: string) => Words>> = {
  accepted: (detail, node) => {
    const parent = detail.text("forked_from");
    const about = parent === null ? `by ${node}` : `as a fork, from step ${detail.number("from_step")}, of`;
    return { word: "accepted", tone: "plain", about, runId: parent };
  },
  deduplicated: () => plain("deduplicated", "the same request came again, and nothing ran twice", "good"),
  started: (_, node) => plain("started", `on ${node}`),
  attempt_failed: (detail) =>
    plain(
      "attempt failed",
      `${detail.text("step")}, attempt ${detail.number("attempt")}: ${detail.text("code")}`,
      "warn",
    ),
  recovered: (detail, node) =>
    plain("recovered", `on ${node}, ${gapInWords(detail.number("gap_ms"))}`, "warn"),
  cancelled: (detail) => plain("cancelled", actorInWords(detail), "bad"),
  resumed: (detail) => plain("resumed", actorInWords(detail)),
  forked: (detail) => ({
    word: "forked",
    tone: "plain",
    about: `from step ${detail.number("from_step")}, ${actorInWords(detail)}, into`,
    runId: detail.text("run_id"),
  }),
  finished: (detail) =>
    detail.text("status") === "done"
      ? plain("finished", `artifacts ${shortHash(detail.text("artifact_set_digest") ?? "")}`, "good")
      : plain("finished", `with ${detail.text("code")}`, "bad"),
  exported: (detail) => plain("exported", `manifest ${shortHash(detail.text("manifest_sha256") ?? "")}`),
};

/** The attempts at a step that failed before the one that counts, oldest first. */
export function failedAttempts(journal: JournalView | null, step: string): readonly EventLine[] {
  return (journal?.events ?? [])
    .filter(({ kind, detail }) => kind === "attempt_failed" && readerOf(detail).text("step") === step)
    .map(eventLineOf);
}

/** How long nobody was seen to work on the run. */
export function gapInWords(gapMs: number | null): string {
  return gapMs === null ? "after a gap" : `after a gap of ${formatDuration(gapMs)}`;
}

function plain(word: string, about: string, tone: EventLine["tone"] = "plain"): Words {
  return { word, tone, about, runId: null };
}

function actorInWords(detail: Reader): string {
  const [via, by, reason] = [detail.text("via"), detail.text("by"), detail.text("reason")];
  const who = by === null ? "" : ` by ${by}`;
  const where = via === "page" ? "on the page" : via === "cli" ? "over the command line" : "over the API";
  return `${where}${who}${reason === null ? "" : `: ${reason}`}`;
}

/** The journal's details are shown as they were written; what is not there is not made up. */
function readerOf(detail: unknown) {
  const values = new Map(typeof detail === "object" && detail !== null ? Object.entries(detail) : []);
  return {
    text(name: string): string | null {
      const value: unknown = values.get(name);
      return typeof value === "string" ? value : null;
    },
    number(name: string): number | null {
      const value: unknown = values.get(name);
      return typeof value === "number" ? value : null;
    },
  };
}
