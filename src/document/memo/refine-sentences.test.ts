import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refineSentences } from "./refine-sentences.ts";

function split(text: string): string[] {
  return refineSentences(text).map(([start, end]) => text.slice(start, end).trim());
}

describe("sentences", () => {
  it("go on behind the day of a date and behind abbreviations of German", () => {
    const texts = [
      "Vielen Dank für Ihre Anfrage vom 3. Februar 2025.",
      "Der Preis ist 2.157,60 € zzgl. 19 % MwSt.",
    ];
    assert.deepEqual(split(texts.join(" ")), texts);
    assert.deepEqual(split("There were 3. February was cold."), ["There were 3.", "February was cold."]);
  });

  it("end behind the unit of a quantity where another begins", () => {
    assert.deepEqual(split("The crossing takes 45 min. From May there are 14 sailings. It is 5 min. away."), [
      "The crossing takes 45 min.",
      "From May there are 14 sailings.",
      "It is 5 min. away.",
    ]);
  });

  it("begin behind the numbered heading of a plain text", () => {
    assert.deepEqual(split("2. Boiler\nIt was decided to replace it."), [
      "2. Boiler",
      "It was decided to replace it.",
    ]);
    const item = "2. Boil the water\nand wait for it.";
    assert.deepEqual(split(item), [item]);
  });

  it("tile the text", () => {
    const text = "1. Ort\nAm 3. Mai um 5 Uhr ca. 20 min. Danach Ende. ";
    let at = 0;
    for (const [start, end] of refineSentences(text)) {
      assert.equal(start, at);
      at = end;
    }
    assert.equal(at, text.length);
  });
});
