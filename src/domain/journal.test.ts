import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { type EventKind, eventsUntilEnd, findChainBreak, type RunEvent } from "./journal.ts";

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

  test("stays broken when the hash of the altered event is recomputed", () => {
    const events = chainOf("accepted", "started", "finished");
    const forged = chainOf("accepted", "cancelled", "finished");
    assert.equal(findChainBreak(RUN_ID, [events[0], forged[1], events[2]].filter(isPresent)), 2);
  });
});

describe("the events until the end of a run", () => {
  test("are the journal up to the last end, so that later requests do not change them", () => {
    const events = chainOf("accepted", "started", "finished", "exported", "deduplicated");
    assert.deepEqual(
      eventsUntilEnd(events, true).map(({ kind }) => kind),
      ["accepted", "started", "finished"],
    );
  });

  test("continue after a cancelled run was resumed", () => {
    const events = chainOf("accepted", "started", "cancelled", "resumed", "started", "finished", "forked");
    assert.equal(eventsUntilEnd(events, true).at(-1)?.seq, 5);
  });

  test("are all but requests about the run while it goes on, or when another program ended it", () => {
    const events = chainOf("accepted", "deduplicated", "started", "exported", "attempt_failed", "exported");
    for (const hasEnded of [false, true]) {
      assert.deepEqual(
        eventsUntilEnd(events, hasEnded).map(({ kind }) => kind),
        ["accepted", "started", "attempt_failed"],
      );
    }
  });

  test("do not stop at the cancel of a run that was resumed and goes on", () => {
    const events = chainOf("accepted", "started", "cancelled", "resumed", "started");
    assert.equal(eventsUntilEnd(events, false).length, 5);
  });
});

/** Hashed here by the rule that the migration states, apart from the code that checks it. */
function chainOf(...kinds: readonly EventKind[]): RunEvent[] {
  let prevSha256 = "0".repeat(64);
  return kinds.map((kind, seq) => {
    const atEpochMs = 1_700_000_000_000 + seq;
    const lines = `${prevSha256}\n${RUN_ID}\n${seq}\n${atEpochMs}\n${kind}\nlocal\n{}`;
    const sha256 = createHash("sha256").update(lines).digest("hex");
    const event = { seq, atEpochMs, kind, node: "local", detail: "{}", prevSha256, sha256 };
    prevSha256 = sha256;
    return event;
  });
}

function isPresent<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
