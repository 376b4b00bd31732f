import assert from "node:assert/strict";
import { test } from "node:test";
import { SLEEP } from "../domain/run.ts";
import type { RetryPolicy } from "../engine/index.ts";
import { lookAhead, type RunBody, type Work } from "./look-ahead.ts";

const RETRY: RetryPolicy = { maxAttempts: 2 };

/** A step whose output names it and the steps before it. */
const stored =
  (output: object): Work<object> =>
  async () => ({ output, write: async () => undefined });

function bodyWith(third: Work<object>, retry: RetryPolicy = RETRY): RunBody<unknown> {
  return async ({ step, sleep }) => {
    const first = await step("first", RETRY, stored({ is: 1 }));
    await sleep();
    const second = await step("second", RETRY, stored({ after: first }));
    await step("third", retry, third);
    return step("fourth", RETRY, stored({ after: second }));
  };
}

const namesOf = async (body: RunBody<unknown>, done: ReadonlyMap<string, object>, sleepMs = 5) => {
  const { behind, result } = await lookAhead(body, done, sleepMs);
  return [behind.map((step) => ("sleepMs" in step ? step.sleepMs : step.name)), result !== undefined];
};

const first: readonly [string, object] = ["first", { is: 1, attempt: 1 }];
const awake: readonly [string, object] = [SLEEP, {}];

test("a sleep is the last that is made ahead; one of no length is not recorded", async () => {
  const body = bodyWith(stored({}));
  assert.deepEqual(await namesOf(body, new Map([first])), [[5], false]);
  assert.deepEqual(await namesOf(body, new Map([first]), 0), [[], false]);
});

test("steps are made ahead up to the end of the run, each from the outputs before it", async () => {
  const { behind, result } = await lookAhead(bodyWith(stored({})), new Map([first, awake]), 5);
  const second = { after: first[1], attempt: 1 };
  assert.deepEqual(
    behind.map((step) => "name" in step && [step.name, step.output]),
    [
      ["second", second],
      ["third", { attempt: 1 }],
      ["fourth", { after: second, attempt: 1 }],
    ],
  );
  assert.deepEqual(result, { output: { after: second, attempt: 1 } });
});

test("a step waits for its turn when it changes something outside, needs a child process, writes before its record or fails", async () => {
  const done = new Map([first, awake]);
  const until = [["second"], false];
  let worked = false;
  const external: Work<object> = async () => {
    worked = true;
    return { output: {} };
  };
  assert.deepEqual(await namesOf(bodyWith(external, { ...RETRY, isExternal: true }), done), until);
  assert.equal(worked, false);
  for (const work of [
    async (getCancelSignal) => ({ output: { signal: getCancelSignal() }, write: async () => undefined }),
    async () => ({ output: {}, writeFirst: async () => ({}) }),
    async () => {
      throw new Error("no");
    },
  ] satisfies Work<object>[]) {
    assert.deepEqual(await namesOf(bodyWith(work), done), until);
  }
});
