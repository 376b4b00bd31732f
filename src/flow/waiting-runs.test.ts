import assert from "node:assert/strict";
import { test } from "node:test";
import { createWaitingRunCount } from "./waiting-runs.ts";

test("waiting runs are counted once a second, and the database is asked every time", async () => {
  const asked: string[] = [];
  let now = 0;
  let waiting = 1;
  const store = {
    countRunsOfOtherVersions: async () => {
      asked.push("count");
      return waiting;
    },
    ping: async () => void asked.push("ping"),
  };
  const count = createWaitingRunCount(store, "1", () => now);
  assert.equal(await count(), 1);
  waiting = 2;
  now = 999;
  assert.equal(await count(), 1);
  now = 1_000;
  assert.equal(await count(), 2);
  assert.deepEqual(asked, ["count", "ping", "count"]);
  store.ping = () => Promise.reject(new Error("no answer"));
  await assert.rejects(count(), /no answer/);
});
