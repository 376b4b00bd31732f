import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import {
  EMPTY_CHAIN,
  type EventKind,
  eventsUntilEnd,
  extendChain,
  findChainBreak,
  type RunEnd,
  type RunEvent,
} from "./journal.ts";

const RUN_ID = "run-1";

describe("a journal's chain", () => {
  test("holds when each event covers the one before it", () => {
    assert.equal(findChainBreak(RUN_ID, []), null);
    assert.equal(findChainBreak(RUN_ID, chainOf("accepted", "started", "finished")), null);
  });

  test("names the first event that was altered, taken out, moved or brought from another run", () => {
    const events = chainOf("accepted", "started", "attempt_failed", "finished");
    const altered = events.map((event) =>
      event.seq === 2 ? { ...event, detail: '{"step":"memo"}' } : event,
    );
    assert.equal(findChainBreak(RUN_ID, altered), 2);
    assert.equal(
      findChainBreak(
        RUN_ID,
        events.filter(({ seq }) => seq !== 1),
      ),
      2,
    );
    assert.equal(findChainBreak(RUN_ID, events.toReversed()), 3);
    assert.equal(findChainBreak("run-2", events), 0);
  });

  test("is checked from where an earlier check ended", () => {
    const events = chainOf("accepted", "started", "attempt_failed", "finished");
    const start = extendChain(RUN_ID, EMPTY_CHAIN, events.slice(0, 2));
    assert.equal(start.brokenAt, null);
    assert.deepEqual(extendChain(RUN_ID, start, events.slice(2)), extendChain(RUN_ID, EMPTY_CHAIN, events));
    assert.equal(extendChain(RUN_ID, start, events.slice(3)).brokenAt, 3, "an event is missing between them");
    const broken = extendChain(RUN_ID, EMPTY_CHAIN, events.slice(1, 2));
    assert.equal(extendChain(RUN_ID, broken, events.slice(2)).brokenAt, 1, "it stays broken");
  });

  test("of an imported run may have gaps, and no event that was altered or moved", () => {
    const events = chainOf("accepted", "started", "finished", "exported", "reviewed", "reviewed");
    const told = events.filter(({ kind }) => kind !== "exported");
    const check = (some: readonly RunEvent[]) => extendChain(RUN_ID, EMPTY_CHAIN, some, true).brokenAt;
    assert.equal(findChainBreak(RUN_ID, told), 4);
    assert.equal(check(told), null);
    assert.equal(check(told.map((event) => (event.seq === 5 ? { ...event, node: "other" } : event))), 5);
    assert.equal(check([...told.slice(0, 3), told[4], told[3]].filter(isPresent)), 4);
    const other = chainOf("accepted", "cancelled").slice(1);
    assert.equal(
      check([...events.slice(0, 1), ...other, ...events.slice(2)]),
      2,
      "no gap, and another event",
    );
    const start = extendChain(RUN_ID, EMPTY_CHAIN, told.slice(0, 4), true);
    assert.equal(extendChain(RUN_ID, start, told.slice(4), true).brokenAt, null);
  });

  test("stays broken when the hash of the altered event is recomputed", () => {
    const events = chainOf("accepted", "started", "finished");
    const forged = chainOf("accepted", "cancelled", "finished");
    assert.equal(findChainBreak(RUN_ID, [events[0], forged[1], events[2]].filter(isPresent)), 2);
  });
});

const DONE: RunEnd = { dbosStatus: "SUCCESS", failureCode: null };
const CANCELLED: RunEnd = { dbosStatus: "CANCELLED", failureCode: null };
const FAILED: RunEnd = { dbosStatus: "ERROR", failureCode: "FAILED_EFFECT" };
const finishedDone = ["finished", { status: "done" }] as const;
const finishedWith = (code: string) => ["finished", { status: "error", code }] as const;

describe("the events until the end of a run", () => {
  const kindsOf = (events: readonly RunEvent[], end: RunEnd | null) =>
    eventsUntilEnd(events, end).map(({ kind }) => kind);
  const lastOf = (events: readonly RunEvent[], end: RunEnd | null) => eventsUntilEnd(events, end).at(-1)?.seq;

  test("are the journal up to its end, so that later requests do not change them", () => {
    const events = chainOf("accepted", "started", finishedDone, "exported", "deduplicated");
    assert.deepEqual(kindsOf(events, DONE), ["accepted", "started", "finished"]);
  });

  test("do not contain what an execution wrote that had lost the run", () => {
    for (const later of ["recovered", "attempt_failed", finishedWith("step_failed")] as const) {
      assert.equal(lastOf(chainOf("accepted", "started", finishedDone, later, later), DONE), 2);
      assert.equal(lastOf(chainOf("accepted", "started", "cancelled", later, later), CANCELLED), 2);
      const failed = chainOf("accepted", "started", finishedWith("FAILED_EFFECT"), later, later);
      assert.equal(lastOf(failed, FAILED), 2);
    }
    const before = chainOf("accepted", "recovered", finishedWith("step_failed"), "recovered", finishedDone);
    assert.equal(lastOf(before, DONE), 4);
  });

  test("of a failed run end with the failure of DBOS's row, or with the first one where none is the same", () => {
    const events = chainOf(
      "accepted",
      finishedWith("step_failed"),
      "recovered",
      finishedWith("FAILED_EFFECT"),
    );
    assert.equal(lastOf(events, FAILED), 3);
    assert.equal(lastOf(events, { ...FAILED, failureCode: "FAILED_DOCUMENT" }), 1);
  });

  test("of a run that was cancelled when its last step was done end with the cancel", () => {
    assert.equal(lastOf(chainOf("accepted", "started", finishedDone, "cancelled"), CANCELLED), 3);
  });

  test("continue after a cancelled run was resumed", () => {
    const events = chainOf("accepted", "started", "cancelled", "resumed", "started", finishedDone, "forked");
    assert.equal(lastOf(events, DONE), 5);
    assert.equal(lastOf(chainOf("accepted", finishedDone, "cancelled", "resumed", finishedDone), DONE), 4);
  });

  test("are all but requests about the run while it goes on, or when another program ended it", () => {
    const events = chainOf("accepted", "deduplicated", "started", "exported", "attempt_failed", "exported");
    for (const end of [null, CANCELLED, { dbosStatus: "RETRIES_EXCEEDED", failureCode: null }]) {
      assert.deepEqual(kindsOf(events, end), ["accepted", "started", "attempt_failed"]);
    }
  });

  test("do not stop at the cancel of a run that was resumed and goes on", () => {
    const events = chainOf("accepted", "started", "cancelled", "resumed", "started");
    assert.equal(eventsUntilEnd(events, null).length, 5);
  });
});

type Entry = EventKind | readonly [kind: EventKind, detail: Readonly<Record<string, string>>];

/** Hashed here by the rule that the migration states, apart from the code that checks it. */
function chainOf(...entries: readonly Entry[]): RunEvent[] {
  let prevSha256 = "0".repeat(64);
  return entries.map((entry, seq) => {
    const [kind, given] = typeof entry === "string" ? ([entry, {}] as const) : entry;
    const detail = JSON.stringify(given);
    const atEpochMs = 1_700_000_000_000 + seq;
    const lines = `${prevSha256}\n${RUN_ID}\n${seq}\n${atEpochMs}\n${kind}\nlocal\n${detail}`;
    const sha256 = createHash("sha256").update(lines).digest("hex");
    const event = { seq, atEpochMs, kind, node: "local", detail, prevSha256, sha256 };
    prevSha256 = sha256;
    return event;
  });
}

function isPresent<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
