import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readEngineJson } from "./engine-json.ts";

type Word = readonly [text: string, box: readonly [number, number, number, number]];

function lineOf(words: readonly Word[]): string {
  const box = ([x0, y0, x1, y1]: readonly number[]) => ({ x0, y0, x1, y1 });
  const line = {
    bbox: box([0, 0, 400, 30]),
    rowAttributes: { rowHeight: 29.5 },
    baseline: box([0, 24, 400, 26]),
    words: words.map(([text, place]) => ({ text, bbox: box(place), confidence: 90 })),
  };
  return JSON.stringify({ blocks: [{ paragraphs: [{ lines: [line] }] }] });
}

function read(...words: readonly Word[]): string[] {
  return readEngineJson(lineOf(words)).flatMap((line) => line.words.map(({ text }) => text));
}

describe("what the engine read", () => {
  it("has a bullet where a dot stands first on a line, whatever letter the engine takes it for", () => {
    assert.deepEqual(read(["¢", [0, 10, 9, 19]], ["The", [20, 4, 60, 26]]), ["•", "The"]);
    assert.deepEqual(read(["e", [0, 8, 14, 26]], ["The", [20, 4, 60, 26]]), ["e", "The"]);
    assert.deepEqual(read(["The", [0, 4, 60, 26]], [".", [62, 20, 66, 24]]), ["The", "."]);
  });

  it("has no edges of tables in its words, and keeps brackets of both kinds", () => {
    const box = [0, 4, 60, 26] as const;
    assert.deepEqual(read(["|Berth|", box], ["[120", box], ["|", box], ["[4]", box]), [
      "Berth",
      "120",
      "[4]",
    ]);
  });

  it("has the height of a row in whole pixels, and the mean of a slanting baseline", () => {
    const [line] = readEngineJson(lineOf([["The", [0, 4, 60, 26]]]));
    assert.deepEqual([line?.size, line?.baseline], [30, 25]);
  });
});
