import { eventSha256 } from "../../domain/journal.ts";
import { isRecord } from "../../domain/serialized.ts";
import { ERASURE, REVIEWS } from "../layout.ts";
import { detailTextsOf } from "../recorded-run.ts";
import type { ToolIo } from "../shapes.ts";
import type { Finding } from "./check.ts";
import type { BundleContents } from "./contents.ts";

type Event = ToolIo["journal"][number];

const FILE = "tool-io.json";

/** The `prev_sha256` of the first event. */
const CHAIN_START = "0".repeat(64);

const ENDINGS: ReadonlySet<string> = new Set(["finished", "cancelled"]);

/**
 * Each event has the hash of its own fields and of the event before it; the journal begins at 0 and, for a run whose end it tells,
 * has no gaps. What it says of request and result agrees with the manifest.
 */
export function checkJournal({
  values: { manifest, toolIo, artifacts },
  reviews,
  erasure,
}: BundleContents): readonly Finding[] {
  const { journal } = toolIo;
  // While no event ends a run, requests about it, such as an export, are left out of its bundle.
  const mayHaveGaps = manifest.partial || !ENDINGS.has(journal.at(-1)?.kind ?? "");
  const findings = journal.flatMap((event, index) => {
    const field = `/journal/${index}`;
    return [
      ...checkEvent(event, field, manifest.run_id),
      ...checkLink(event, journal[index - 1], field, mayHaveGaps),
    ];
  });
  const told = new Map([...journal, ...reviews, ...erasure].map((event) => [event.seq, event]));
  findings.push(...checkLater(REVIEWS, "reviewed", reviews, journal, told, manifest.run_id));
  findings.push(...checkLater(ERASURE, "erased", erasure, journal, told, manifest.run_id));
  const first = journal[0];
  if (first === undefined) findings.push(finding("/journal", "has no event"));
  else if (first.seq !== 0 || first.kind !== "accepted") {
    findings.push(finding("/journal/0", "is not the event 0, that the run was accepted"));
  } else if (isRecord(first.detail)) findings.push(...checkRequest(first.detail));
  if (manifest.dbos_status === "SUCCESS") findings.push(...checkEnd());
  return findings;

  function checkRequest(detail: Readonly<Record<string, unknown>>): readonly Finding[] {
    const raw = artifacts.find(({ id }) => id === "raw");
    const { payload_sha256 = manifest.request.payload_sha256, bytes = raw?.bytes } = detail;
    return [
      ...(payload_sha256 === manifest.request.payload_sha256
        ? []
        : [finding("/journal/0/detail/payload_sha256", "is not that of manifest.json")]),
      ...(raw === undefined || bytes === raw.bytes
        ? []
        : [finding("/journal/0/detail/bytes", `is ${bytes}, and the artifact raw has ${raw.bytes} bytes`)]),
    ];
  }

  function checkEnd(): readonly Finding[] {
    const last = journal.at(-1);
    const said = isRecord(last?.detail) ? last.detail : {};
    const isDone = last?.kind === "finished" && said.status === "done";
    if (!isDone) return [finding("/journal", "does not end with the success that manifest.json states")];
    return said.artifact_set_digest === manifest.artifact_set_digest
      ? []
      : [
          finding(
            `/journal/${journal.length - 1}/detail/artifact_set_digest`,
            "is not that of manifest.json",
          ),
        ];
  }
}

/**
 * Each later event has the hash of its own fields and, where the bundle has it, of the event before it, and follows the end of the
 * run; those in between are not in a bundle.
 */
function checkLater(
  file: string,
  kind: string,
  events: ToolIo["journal"],
  journal: ToolIo["journal"],
  told: ReadonlyMap<number, Event>,
  runId: string,
): readonly Finding[] {
  return events.flatMap((event, index) => {
    const field = `/${index}`;
    const found = checkEvent(event, field, runId);
    const previous = events[index - 1] ?? (event.kind === kind ? undefined : journal.at(-1));
    const isInOrder = event.kind === kind && event.seq > (previous?.seq ?? 0);
    const order = isInOrder
      ? []
      : [finding(`${field}/seq`, `is not that of an event ${kind} after the one before it`)];
    const before = told.get(event.seq - 1);
    const link =
      before === undefined || event.prev_sha256 === before.sha256
        ? []
        : [finding(`${field}/prev_sha256`, "is not the hash of the event before it")];
    return [...found, ...order, ...link].map((entry) => ({ ...entry, file }));
  });
}

function checkEvent(event: Event, field: string, runId: string): readonly Finding[] {
  const { seq, at_epoch_ms: atEpochMs, kind, node, detail, prev_sha256: prevSha256 } = event;
  const hashes = detailTextsOf(detail).map((text) =>
    eventSha256(runId, { seq, atEpochMs, kind, node, detail: text, prevSha256 }),
  );
  return hashes.includes(event.sha256) ? [] : [finding(`${field}/sha256`, "does not follow from the event")];
}

function checkLink(
  event: Event,
  previous: Event | undefined,
  field: string,
  mayHaveGaps: boolean,
): readonly Finding[] {
  const expectedSeq = (previous?.seq ?? -1) + 1;
  if (event.seq < expectedSeq || (event.seq > expectedSeq && !mayHaveGaps)) {
    return [finding(`${field}/seq`, `is ${event.seq}, and ${expectedSeq} is expected`)];
  }
  if (event.seq === expectedSeq && event.prev_sha256 !== (previous?.sha256 ?? CHAIN_START)) {
    return [finding(`${field}/prev_sha256`, "is not the hash of the event before it")];
  }
  return event.at_epoch_ms < (previous?.at_epoch_ms ?? Number.NEGATIVE_INFINITY)
    ? [finding(`${field}/at_epoch_ms`, "is earlier than the event before it")]
    : [];
}

function finding(field: string, reason: string): Finding {
  return { file: FILE, field, reason };
}
