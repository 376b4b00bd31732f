import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "../../log.ts";
import { showHealth } from "./health.ts";

const identity = { node: "local", version: "1" };
const concurrency = { limit: 4, working: 1, waiting: 0 };
const workers = { configured: 2, ready: 1 };

describe("the health of a node", () => {
  test("is ok while the database answers and steps are recorded", async () => {
    assert.deepEqual(await healthOf({}), [
      200,
      {
        ok: true,
        database: true,
        worker: true,
        waiting_runs: 0,
        stalled_runs: 0,
        concurrency,
        workers,
        ...identity,
      },
    ]);
  });

  test("is failing while a step waits too long for the database, even when the database answers", async () => {
    assert.deepEqual(await healthOf({ countStalledSteps: () => 2 }), [
      503,
      {
        ok: false,
        database: true,
        worker: false,
        waiting_runs: 0,
        stalled_runs: 2,
        concurrency,
        workers,
        ...identity,
      },
    ]);
  });

  test("is failing while the database does not answer", async () => {
    const countWaitingRuns = () => Promise.reject(new Error("no answer"));
    assert.deepEqual(await healthOf({ countWaitingRuns }), [
      503,
      {
        ok: false,
        database: false,
        worker: true,
        waiting_runs: null,
        stalled_runs: 0,
        concurrency,
        workers,
        ...identity,
      },
    ]);
  });
});

async function healthOf(kernel: Partial<Parameters<typeof showHealth>[0]["kernel"]>) {
  const reply = await showHealth({
    kernel: {
      countWaitingRuns: async () => 0,
      countStalledSteps: () => 0,
      slotUse: () => concurrency,
      isUp: () => true,
      ...kernel,
    },
    log: createLog({ level: "silent" }),
    identity,
    workers: { count: () => workers },
  });
  return [reply.status, await reply.json()];
}
