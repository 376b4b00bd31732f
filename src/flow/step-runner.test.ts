import assert from "node:assert/strict";
import { test } from "node:test";
import type { RetryPolicy, StepAttempt, WorkflowExecution } from "../engine/index.ts";
import { createDrainGate } from "./drain.ts";
import type { RunBody } from "./look-ahead.ts";
import { createSlots } from "./slots.ts";
import { createUnrecordedSteps } from "./stalled-steps.ts";
import { createStepRunner } from "./step-runner.ts";
import type { StepResult } from "./steps.ts";

const RETRY: RetryPolicy = { maxAttempts: 2 };

type Engine = Readonly<{ record?: StepAttempt["record"]; noted: string[] }>;

/** A runner whose execution tries each step twice and notes its record, as DBOS makes it after the attempt. */
function runnerWith(body: RunBody<unknown>, { record = async () => ({ count: 0 }), noted }: Engine) {
  const join: StepAttempt["join"] = (write) =>
    write({ query: () => assert.fail("nothing is sent to a database here") });
  const execution: WorkflowExecution = {
    runId: "run",
    ownerToken: "token",
    sleep: async () => undefined,
    joinFailure: () => undefined,
    async runStep(name, { maxAttempts = 1 }, attempt) {
      for (let number = 1; ; number += 1) {
        try {
          const output = await attempt({ number, join, record, getCancelSignal: () => undefined });
          noted.push(`${name} recorded`);
          return output;
        } catch (error) {
          if (number === maxAttempts) throw error;
        }
      }
    },
  };
  const journal = {
    begin: async () => undefined,
    attemptFailed: async (step: string, attempt: number) => void noted.push(`${step} failed ${attempt}`),
    end: async () => undefined,
    failWith: () => undefined,
  };
  const deps = {
    store: { whenAvailable: async () => undefined },
    drain: createDrainGate(),
    slots: createSlots(undefined),
    unrecorded: createUnrecordedSteps(),
    isTraced: false,
    log: {
      stepCompleted: () => undefined,
      stepAttemptFailed: () => undefined,
      hostShortage: () => undefined,
    },
  };
  return createStepRunner(deps, execution, journal, { body, sleepMs: 0 });
}

const bodyOfNothing: RunBody<unknown> = async () => null;

test("what a write reads from is freed when the step is recorded, because the write may be repeated until then", async () => {
  const noted: string[] = [];
  const { step } = runnerWith(bodyOfNothing, { noted });
  let tries = 0;
  await step("docir", RETRY, async (): Promise<StepResult<object>> => {
    tries += 1;
    const which = tries;
    noted.push(`made ${which}`);
    return {
      output: {},
      writeFirst: async () => {
        if (which === 1) throw new Error("refused");
        return {};
      },
      release: () => void noted.push(`freed ${which}`),
    };
  });
  assert.deepEqual(noted, ["made 1", "freed 1", "docir failed 1", "made 2", "docir recorded", "freed 2"]);
});

test("a step that ends in another way than its write leaves the steps behind it to their turn, without a failed attempt", async () => {
  const noted: string[] = [];
  const refused = new Error("it was begun before");
  const effect = async (): Promise<StepResult<{ executions: number }>> => ({
    output: { executions: 1 },
    write: async () => undefined,
    otherwise: async (error) => (error === refused ? { executions: 2 } : undefined),
  });
  const last = async (): Promise<StepResult<object>> => ({ output: {}, write: async () => undefined });
  const body: RunBody<unknown> = async (run) => {
    const { executions } = await run.step("side-effect", RETRY, effect);
    return { executions, ...(await run.step("finalize", RETRY, last)) };
  };
  const sent: number[] = [];
  const record: StepAttempt["record"] = async (_output, _write, also) => {
    sent.push(also?.behind?.length ?? 0);
    if (sent.length === 1) throw refused;
    return { count: 0 };
  };
  const { step } = runnerWith(body, { record, noted });
  const pollForAttachments = () => undefined;
  const result = await body({ step, sleep: async () => undefined, pollForAttachments });
  assert.deepEqual(result, { executions: 2, attempt: 1 });
  assert.deepEqual(sent, [1, 0], "the last step was sent behind the first one, and then by itself");
  assert.deepEqual(noted, ["side-effect recorded", "finalize recorded"]);
});
