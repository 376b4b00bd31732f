import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { derive } from "../test-kit.ts";
import { buildMemo } from "./memo.ts";
import { refineAllFigures } from "./refine-figures.ts";

function figuresIn(text: string): string[] {
  return [...refineAllFigures(text, { isHeading: false })].map(
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

  it("have no full stop behind the short names of months either, since extractive/7", () => {
    for (const date of [
      "30 June",
      "2 JULY",
      "3 May",
      "1. Mai",
      "4 Mei",
      "2 août",
      "5 juin",
      "6 mars",
      "7 mayo",
    ]) {
      assert.deepEqual(figuresIn(`It ends on ${date}.`), [`date ${date}`]);
      assert.deepEqual(figuresIn(`It ends on ${date}. Then it rains.`), [`date ${date}`]);
    }
  });

  it("had this full stop in extractive/6", async () => {
    const { memo, docir, chunkIndex } = await derive("Pay all of it by 30 June.");
    const given = { docir, docirSha: memo.docirSha, chunkIndex, chunkIndexSha: memo.chunkIndexSha };
    const earlier = buildMemo({ ...given, method: "extractive/6" });
    assert.deepEqual(
      [memo, earlier].map(({ figures }) => figures[0]?.text),
      ["30 June", "30 June."],
    );
  });

  it("keep the full stop of an abbreviation, and quantities have none", () => {
    assert.deepEqual(figuresIn("From 3 Sept. to 4 Mar. and 5 Jun. it rains."), [
      "date 3 Sept.",
      "date 4 Mar.",
      "date 5 Jun.",
    ]);
    assert.deepEqual(figuresIn("It weighs 30 kg. It takes 45 min. It costs 300 EUR. It holds 3 l/h."), [
      "number 30 kg",
      "number 45 min",
      "money 300 EUR",
      "number 3 l/h",
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
