import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refineFigures } from "./refine-figures.ts";

function figuresIn(text: string): string[] {
  return [...refineFigures(text, { isHeading: false })].map(
    ({ kind, start, end }) => `${kind} ${text.slice(start, end)}`,
  );
}

describe("figures", () => {
  it("are dates in capitals too, and without the full stop of their sentence", () => {
    assert.deepEqual(figuresIn("MEETING OF 4 MARCH 2025. Check it by 18 March. On 3 Sept. it ends."), [
      "date 4 MARCH 2025",
      "date 18 March",
      "date 3 Sept.",
    ]);
  });

  it("say what a quantity is for each of", () => {
    assert.deepEqual(figuresIn("It leaks 3 l/h, costs 240 EUR/day and 12 kg/5 of it; 40 m/shed."), [
      "number 3 l/h",
      "money 240 EUR/day",
      "number 12 kg",
      "number 40 m",
    ]);
  });
});
