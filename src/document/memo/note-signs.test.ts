import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkProperty } from "../../testing/property.ts";
import type { Span } from "../schema.ts";
import { anySource, derive } from "../test-kit.ts";
import { splitWithNotes } from "./note-signs.ts";

function split(text: string, notes?: Span[]): string[] {
  return splitWithNotes(text, notes).map(([start, end]) => text.slice(start, end).trim());
}

describe("the sign of a note", () => {
  it("belongs to the sentence that ends before it", () => {
    for (const sentences of [
      ["It was built in 1934.[2]", "See the plan."],
      ["“It was built in 1934.”[2][a]", "See the plan."],
      ["(It was built in 1934.[^note])", "See the plan."],
      ["Who built it?[*][3]", "Nobody knows!²", "See the plan.†", "It is old."],
    ])
      assert.deepEqual(split(sentences.join(" ")), sentences);
    assert.deepEqual(split("一九三四年。[2]図を見よ。"), ["一九三四年。[2]", "図を見よ。"]);
  });

  it("ends no sentence that goes on", () => {
    for (const text of [
      "It was built by Dr.[2] Fox in 1934[3] or so.",
      "The firm Foo Inc.[2] and others built it.",
      "「そうです。」[2]と言った。",
    ])
      assert.deepEqual(split(text), [text]);
  });

  it("is not the number of a reference that stands apart, nor a word in brackets", () => {
    assert.deepEqual(split("It ends here. [2] See the plan."), ["It ends here.", "[2] See the plan."]);
    assert.deepEqual(split("See a.[not a sign] Or b."), ["See a.[not a sign] Or b."]);
  });

  it("is what the reader knows as one, whatever its letters", () => {
    const text = "It was built in 1934.1, 2 See the plan. Its 3 gates are shut.";
    const notes: Span[] = [
      [21, 22],
      [24, 25],
    ];
    assert.deepEqual(split(text, notes), [
      "It was built in 1934.1, 2",
      "See the plan.",
      "Its 3 gates are shut.",
    ]);
    assert.deepEqual(split(text), ["It was built in 1934.1, 2 See the plan.", "Its 3 gates are shut."]);
  });

  it("leaves the text tiled", async () => {
    await checkProperty(anySource(30), { runs: 200, seed: 13 }, (text) => {
      const half = Math.trunc(text.length / 2);
      const tiles = splitWithNotes(text, [[half, text.length]]).map(([start, end]) => text.slice(start, end));
      assert.equal(tiles.join(""), text);
    });
  });

  it("is in the key sentences of Markdown and HTML", async () => {
    const markdown =
      "The lock was built by hand in 1934.[^2] See the plan of the old harbour for it.\n\n[^2]: A note.\n";
    const html =
      '<!doctype html><p>The lock was built by hand in 1934.<sup><a href="#n1">1</a></sup> See the plan of the old harbour for it.</p><ol><li id="n1">A note.</li></ol>';
    for (const [source, mediaType, sign] of [
      [markdown, "text/markdown", "[^2]"],
      [html, "text/html", "1"],
    ] as const) {
      const { memo } = await derive(source, mediaType);
      assert.deepEqual(
        memo.keySentences.map(({ text }) => text),
        [`The lock was built by hand in 1934.${sign}`, "See the plan of the old harbour for it."],
      );
    }
  });
});
