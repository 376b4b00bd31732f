import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDuration } from "./duration.ts";

describe("a duration", () => {
  test("is read in weeks, days, hours, minutes and seconds", () => {
    const ms = (text: string) => parseDuration(text)?.ms;
    assert.equal(ms("P90D"), 90 * 86_400_000);
    assert.equal(ms("P2W"), 14 * 86_400_000);
    assert.equal(ms("P1DT2H3M4S"), 93_784_000);
    assert.equal(ms("PT0S"), 0);
  });

  test("is refused in every other form", () => {
    for (const text of [
      "",
      "P",
      "PT",
      "P1DT",
      "90",
      "90D",
      "P1Y",
      "P1M",
      "p90d",
      "P1.5D",
      "P-1D",
      "P1D ",
      "P1H",
    ])
      assert.equal(parseDuration(text), null, text);
  });
});
