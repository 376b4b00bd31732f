import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecorder } from "./evidence.ts";
import type { Program } from "./program.ts";
import { runScenarios, SCENARIOS } from "./run-scenarios.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

const emptyProgram: Program = {
  api: "",
  ui: "",
  name: "jejakekal",
  command: [],
  start: async () => {},
  kill9: async () => {},
  cli: async () => ({ code: 0, stdout: "", stderr: "" }),
  psql: async () => "",
  logs: () => [],
  close: async () => {},
};

function scenario(id: string, run: (context: ScenarioContext) => Promise<void>): Scenario {
  return { id, title: `scenario ${id}`, run };
}

test("the fourteen scenarios are in the order of their ids", () => {
  assert.deepEqual(
    SCENARIOS.map(({ id }) => Number(id)),
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
});

test("a scenario with a failed check, with an error or without any check has failed, and the next one still runs", async () => {
  const steps = await runScenarios(
    [
      scenario("1", async ({ check }) => check("look", "this", "that", false)),
      scenario("2", async () => {
        throw new Error("fell over");
      }),
      scenario("3", async () => {}),
      scenario("4", async ({ check, failed }) => check("look back", "all well", failed.join(), true)),
    ],
    emptyProgram,
    null,
    () => {},
  );
  assert.deepEqual(
    steps.map(({ ok }) => ok),
    [false, false, false, true],
  );
  assert.equal(steps[1]?.evidence[0]?.got, "fell over");
  assert.equal(steps[3]?.evidence[0]?.got, "1,2,3");
});

test("evidence is shortened, and says that it is", () => {
  const recorder = createRecorder();
  recorder.check("read", "a long answer", "x".repeat(10_000), true);
  assert.match(recorder.evidence[0]?.got ?? "", /^x{600}…$/);
});
