import assert from "node:assert/strict";
import { test } from "node:test";
import { DECK, playDeck } from "./deck.ts";
import { createWitness } from "./evidence.ts";
import type { Scenario, Setting } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const emptyStage: Stage = {
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

function scenario(id: string, play: (setting: Setting) => Promise<void>): Scenario {
  return { id, title: `scenario ${id}`, play };
}

test("the deck has the fourteen scenarios, in the order of their ids", () => {
  assert.deepEqual(
    DECK.map(({ id }) => Number(id)),
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
});

test("a scenario that is disappointed, that throws or that saw nothing has failed, and the next still plays", async () => {
  const steps = await playDeck(
    [
      scenario("1", async ({ sees }) => sees("look", "this", "that", false)),
      scenario("2", async () => {
        throw new Error("fell over");
      }),
      scenario("3", async () => {}),
      scenario("4", async ({ sees, failed }) => sees("look back", "all well", failed.join(), true)),
    ],
    emptyStage,
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
  const witness = createWitness();
  witness.sees("read", "a long answer", "x".repeat(10_000), true);
  assert.match(witness.evidence[0]?.got ?? "", /^x{600}…$/);
});
