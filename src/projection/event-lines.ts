import type { EventKind } from "../domain/journal.ts";
import { formatDuration, shortHash } from "./format.ts";
import type { EventView, JournalView } from "./journal-view.ts";

/** An event of the journal in words. */
export type EventLine = Readonly<{
  seq: number;
  atEpochMs: number;
  word: string;
  tone: "plain" | "good" | "warn" | "bad";
  about: string;
  /** The other run of the event: the fork, the run that this run was forked from, or the mail that it is an attachment of. */
  runId: string | null;
}>;

export function eventLineOf({ seq, at_epoch_ms, kind, node, detail }: EventView): EventLine {
  return { seq, atEpochMs: at_epoch_ms, ...WORDS[kind](readerOf(detail), node) };
}

type Words = Omit<EventLine, "seq" | "atEpochMs">;
type Reader = Readonly<{
  text(name: string): string | null;
  number(name: string): number | null;
  within(name: string): Reader | null;
}>;

const WORDS: Readonly<Record<EventKind, (detail: Reader, node: string) => Words>> = {
  accepted: (detail, node) => {
    const mail = detail.within("attachment_of");
    if (mail !== null)
      return {
        word: "accepted",
        tone: "plain",
        about: `as attachment ${mail.number("n")} of the mail`,
        runId: mail.text("run_id"),
      };
    const parent = detail.text("forked_from");
    const about =
      parent === null ? `by node ${node}` : `as a fork from step ${detail.number("from_step")} of`;
    return { word: "accepted", tone: "plain", about, runId: parent };
  },
  deduplicated: () => plain("deduplicated", "the same request arrived again; no step ran twice", "good"),
  started: (_, node) => plain("started", `on node ${node}`),
  attempt_failed: (detail) =>
    plain(
      "attempt failed",
      `${detail.text("step")}, attempt ${detail.number("attempt")}: ${detail.text("code")}`,
      "warn",
    ),
  recovered: (detail, node) =>
    plain("recovered", `on node ${node}, ${gapInWords(detail.number("gap_ms"))}`, "warn"),
  cancelled: (detail) => plain("cancelled", actorInWords(detail), "bad"),
  resumed: (detail) => plain("resumed", actorInWords(detail)),
  forked: (detail) => ({
    word: "forked",
    tone: "plain",
    about: `from step ${detail.number("from_step")}, ${actorInWords(detail)}, as`,
    runId: detail.text("run_id"),
  }),
  finished: (detail) =>
    detail.text("status") === "done"
      ? plain("finished", `artifact set ${shortHash(detail.text("artifact_set_digest") ?? "")}`, "good")
      : plain("finished", `with ${detail.text("code")}`, "bad"),
  reviewed: (detail) => {
    const note = detail.text("note");
    return plain(
      "reviewed",
      `a passage was ${detail.text("decision")}, ${actorInWords(detail)}${note === null ? "" : `: ${note}`}`,
    );
  },
  erased: (detail) => plain("erased", `document and artifacts, ${actorInWords(detail)}`, "warn"),
  exported: (detail) => plain("exported", `manifest ${shortHash(detail.text("manifest_sha256") ?? "")}`),
};

/** The failed attempts at a step, oldest first. */
export function failedAttempts(journal: JournalView | null, step: string): readonly EventLine[] {
  return (journal?.events ?? [])
    .filter(({ kind, detail }) => kind === "attempt_failed" && readerOf(detail).text("step") === step)
    .map(eventLineOf);
}

/** The time between the last sign of work on the run and its recovery. */
export function gapInWords(gapMs: number | null): string {
  return gapMs === null ? "after a gap" : `after a gap of ${formatDuration(gapMs)}`;
}

function plain(word: string, about: string, tone: EventLine["tone"] = "plain"): Words {
  return { word, tone, about, runId: null };
}

const WAYS: Readonly<Record<string, string>> = {
  page: "on the page",
  cli: "on the command line",
  retention: "by retention",
};

function actorInWords(detail: Reader): string {
  const [via, by, reason] = [detail.text("via"), detail.text("by"), detail.text("reason")];
  const who = by === null ? "" : ` by ${by}`;
  const where = WAYS[via ?? ""] ?? "through the API";
  return `${where}${who}${reason === null ? "" : `: ${reason}`}`;
}

/** Reads the detail of an event. A missing key gives null. */
function readerOf(detail: unknown): Reader {
  const values = new Map(typeof detail === "object" && detail !== null ? Object.entries(detail) : []);
  return {
    text(name: string): string | null {
      const value: unknown = values.get(name);
      return typeof value === "string" ? value : null;
    },
    /** The detail within this one. */
    within(name: string): Reader | null {
      const value: unknown = values.get(name);
      return typeof value === "object" && value !== null ? readerOf(value) : null;
    },
    number(name: string): number | null {
      const value: unknown = values.get(name);
      return typeof value === "number" ? value : null;
    },
  };
}
