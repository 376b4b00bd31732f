import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, pageParamEntries, readPageParams } from "./page-params.ts";
import { nextPoll, pollTrigger } from "./watch.ts";

const read = (query: string) => readPageParams(new URLSearchParams(query));

test("a page polls each second unless its address says otherwise", () => {
  const next = nextPoll(read(""), { polls: 7, sinceEpochMs: 0 }, 1e12);
  assert.equal(next?.everyMs, 1_000);
  assert.equal(pollTrigger(next?.everyMs ?? 0), "every 1s");
  assert.equal(pollTrigger(250), "every 250ms");
});

test("polls back off up to the longest interval that the address allows", () => {
  const params = read("pollIntervalMs=100&pollMaxIntervalMs=400");
  const pace = [0, 1, 2, 3, 4, 500].map((polls) => nextPoll(params, { polls, sinceEpochMs: 0 }, 0)?.everyMs);
  assert.deepEqual(pace, [100, 150, 225, 338, 400, 400]);
});

test("polling ends when the address says so", () => {
  const params = read("pollTimeoutMs=5000");
  assert.notEqual(nextPoll(params, { polls: 1, sinceEpochMs: 1_000 }, 5_999), null);
  assert.equal(nextPoll(params, { polls: 1, sinceEpochMs: 1_000 }, 6_000), null);
});

test("a value that is not a number of milliseconds is ignored", () => {
  assert.deepEqual(
    pageParamEntries(read("sleepMs=-1&pollIntervalMs=abc&pollMaxIntervalMs=&pollTimeoutMs=0")),
    [],
  );
  assert.deepEqual(pageParamEntries(read("sleepMs=250&other=1")), [["sleepMs", "250"]]);
  assert.equal(
    addressOf("/runs/a", [
      ["step", 4],
      ["q", ""],
      ["x", null],
    ]),
    "/runs/a?step=4",
  );
});
