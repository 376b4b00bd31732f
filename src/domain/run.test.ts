import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "../failure.ts";
import {
  dbosStatusesOf,
  functionIdOf,
  isResumable,
  isRunId,
  isTerminal,
  parseRunId,
  RUN_STEPS,
  runStatusOf,
} from "./run.ts";

/** Every status that DBOS 5.3 has, the older name of one of them, and what it has not. */
const STATUSES = {
  SUCCESS: { status: "done", terminal: true, resumable: false },
  ERROR: { status: "error", terminal: true, resumable: false },
  CANCELLED: { status: "error", terminal: true, resumable: true },
  RETRIES_EXCEEDED: { status: "error", terminal: true, resumable: true },
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: { status: "error", terminal: true, resumable: true },
  PENDING: { status: "running", terminal: false, resumable: false },
  ENQUEUED: { status: "running", terminal: false, resumable: false },
  DELAYED: { status: "running", terminal: false, resumable: false },
  PAUSED: { status: "unknown", terminal: false, resumable: false },
  success: { status: "unknown", terminal: false, resumable: false },
  "": { status: "unknown", terminal: false, resumable: false },
  constructor: { status: "unknown", terminal: false, resumable: false },
  __proto__x: { status: "unknown", terminal: false, resumable: false },
} as const;

describe("the status of a run", () => {
  for (const [dbosStatus, { status, terminal, resumable }] of Object.entries(STATUSES)) {
    test(`${dbosStatus || "nothing"} is ${status}`, () => {
      assert.equal(runStatusOf(dbosStatus), status);
      assert.equal(isTerminal(dbosStatus), terminal);
      assert.equal(isResumable(dbosStatus), resumable);
    });
  }

  test("is the inverse of the list of DBOS statuses, and unknown is every other one", () => {
    const known = ["done", "error", "running"] as const;
    for (const status of known) {
      assert.ok(dbosStatusesOf(status).every((dbosStatus) => runStatusOf(dbosStatus) === status));
    }
    assert.deepEqual(known.flatMap(dbosStatusesOf).sort(), [...dbosStatusesOf("unknown")].sort());
  });
});

describe("the steps of a run", () => {
  test("are the contract's seven, numbered from 0", () => {
    assert.equal(RUN_STEPS.join(" "), "prepare DBOS.sleep docir chunk-index memo side-effect finalize");
    assert.deepEqual(RUN_STEPS.map(functionIdOf), [0, 1, 2, 3, 4, 5, 6]);
  });
});

describe("a run id", () => {
  test("is 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit", () => {
    for (const id of ["a", "0", "A.b-c_d", "a.", "wf-dedup-123", "a".repeat(128), crypto.randomUUID()]) {
      assert.ok(isRunId(id), id);
      assert.equal(parseRunId(id), id);
    }
  });

  test("has no character that has a meaning in a path, a shell or a query, and none that is invisible", () => {
    for (const id of [
      "",
      ".",
      "..",
      "a..b",
      ".a",
      "-a",
      "_a",
      "a/b",
      "a\\b",
      "a b",
      "a\n",
      "a\u0000",
      "a:raw",
      "a%2e",
      "é",
      "а",
      "a\u200b",
      "a".repeat(129),
    ]) {
      assert.ok(!isRunId(id), JSON.stringify(id));
      assert.throws(
        () => parseRunId(id),
        (error) =>
          error instanceof Failure && error.code === "invalid_run_id" && error.detail.field === "run_id",
      );
    }
  });
});
