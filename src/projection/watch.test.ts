import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, pageParamEntries, readPageParams } from "./page-params.ts";
import { nextPoll, pollTrigger, readWatchProgress } from "./watch.ts";

const read = (query: string) => readPageParams(new URLSearchParams(query));

test("a page polls once a second by default", () => {
  const next = nextPoll(read(""), { polls: 7, sinceEpochMs: 0 }, 1e12);
  assert.equal(next?.everyMs, 1_000);
  assert.equal(pollTrigger(next?.everyMs ?? 0), "every 1s");
  assert.equal(pollTrigger(250), "every 250ms");
});

test("intervals grow up to pollMaxIntervalMs", () => {
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

test("progress that is not a whole number of the past counts as the start", () => {
  const now = 1_700_000_000_000;
  const progress = (query: string) => readWatchProgress(new URLSearchParams(query), now);
  assert.deepEqual(progress(`polls=3&since=${now - 1}`), { polls: 3, sinceEpochMs: now - 1 });
  for (const query of ["", "polls=-1000", "polls=1e3", "polls=NaN&since=-1", `since=${now + 1}`])
    assert.deepEqual(progress(query), { polls: 0, sinceEpochMs: now }, query);
});

test("a poll address with polls=-1000 does not make the page poll faster than its interval", () => {
  const params = read("pollIntervalMs=100&pollMaxIntervalMs=400");
  const progress = readWatchProgress(new URLSearchParams("polls=-1000"), 0);
  assert.equal(nextPoll(params, progress, 0)?.everyMs, 100);
});
