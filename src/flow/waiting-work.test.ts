import assert from "node:assert/strict";
import { test } from "node:test";
import { pollUntil } from "../poll.ts";
import type { WaitingWork } from "../store/index.ts";
import { startWaitingWorkCheck } from "./waiting-work.ts";

const FOUND: WaitingWork = { busyNodes: [], areQueued: true, isIndexWaiting: false, isReviewWaiting: false };

test("one statement tells all who work, and slow work is neither done twice at a time nor waited for", async () => {
  let asked = 0;
  const failures: unknown[] = [];
  const find = async () => {
    asked += 1;
    if (asked === 2) throw new Error("no answer");
    return FOUND;
  };
  const check = startWaitingWorkCheck(find, { databaseTrouble: (fact) => void failures.push(fact) }, 1);
  const slow = Promise.withResolvers<void>();
  let slowCalls = 0;
  const fast: WaitingWork[] = [];
  const slowWork = check.onChecked(() => {
    slowCalls += 1;
    return slow.promise;
  });
  check.onChecked(async (found) => void fast.push(found));
  await pollUntil("five checks", () => fast.length >= 5);
  assert.equal(fast.length, asked - 1, "one check has failed");
  assert.equal(failures.length, 1);
  assert.equal(slowCalls, 1);
  assert.equal(fast[0], FOUND);

  let isClosed = false;
  const closing = slowWork.close().then(() => {
    isClosed = true;
  });
  const checked = fast.length;
  await pollUntil("two more checks", () => fast.length >= checked + 2);
  assert.equal(isClosed, false, "closing waits for the work under way");
  slow.resolve();
  await closing;
  await check.close();
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(asked, before);
  assert.equal(slowCalls, 1);
});
