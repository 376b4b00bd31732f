import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StoredEffect } from "../domain/effect.ts";
import type { EventKind, RunEvent } from "../domain/journal.ts";
import { recordOf } from "../testing/records.ts";
import { toolIoOf } from "./tool-io.ts";

const RECEIPT = { delivered: true };

function eventsOf(...kinds: readonly EventKind[]): readonly RunEvent[] {
  return kinds.map((kind, seq) => {
    const detail = kind === "finished" ? '{"status":"done"}' : "{}";
    return { seq, atEpochMs: seq, kind, node: "local", detail, prevSha256: "", sha256: "" };
  });
}

function effectOf(fields: Partial<StoredEffect>): StoredEffect {
  const effectKey = "run-1:side-effect";
  return {
    effectKey,
    kind: "webhook",
    executions: 1,
    receipt: RECEIPT,
    begunAfter: [1],
    receiptAfter: 1,
    ...fields,
  };
}

function effectsAt(effect: StoredEffect, status: string, ...kinds: readonly EventKind[]) {
  const { effects } = toolIoOf(
    recordOf({ status }, { effects: [effect] }),
    eventsOf(...kinds),
    status !== "PENDING",
  );
  return effects.map(({ executions, receipt }) => [executions, receipt] as const);
}

describe("an effect in a bundle", () => {
  const underWay = effectOf({ executions: 3, begunAfter: [1, 1, 2], receiptAfter: 2 });

  test("that was under way when its run was cancelled is shown as it was at the cancel", () => {
    assert.deepEqual(effectsAt(underWay, "CANCELLED", "accepted", "started", "cancelled", "exported"), [
      [2, null],
    ]);
    const none = effectOf({ begunAfter: [2], receiptAfter: 2 });
    assert.deepEqual(effectsAt(none, "CANCELLED", "accepted", "started", "cancelled"), []);
  });

  test("is shown with its receipt once the run was resumed and has ended, and while it goes on", () => {
    const journal = ["accepted", "started", "cancelled", "resumed", "started", "finished"] as const;
    assert.deepEqual(effectsAt(underWay, "SUCCESS", ...journal), [[3, RECEIPT]]);
    assert.deepEqual(effectsAt(underWay, "PENDING", ...journal.slice(0, 5)), [[3, RECEIPT]]);
  });

  test("is shown whole when another program ended the run after a resume, which no event says", () => {
    assert.deepEqual(
      effectsAt(
        effectOf({ begunAfter: [4], receiptAfter: 4 }),
        "CANCELLED",
        "accepted",
        "started",
        "cancelled",
        "resumed",
        "started",
      ),
      [[1, RECEIPT]],
    );
  });

  test("of an earlier version, whose rows do not say when they were written, is shown whole", () => {
    const earlier = effectOf({ begunAfter: [null], receiptAfter: null });
    assert.deepEqual(effectsAt(earlier, "CANCELLED", "accepted", "started", "cancelled"), [[1, RECEIPT]]);
  });
});
