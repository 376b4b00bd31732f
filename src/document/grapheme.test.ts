import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { findSafeCut, isSafeCut, shorten } from "./grapheme.ts";
import { randomSource } from "./test-kit.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function boundaries(text: string): Set<number> {
  return new Set([...Array.from(segmenter.segment(text), ({ index }) => index), text.length]);
}

function assertNeverCuts(text: string): void {
  const real = boundaries(text);
  for (let at = 1; at < text.length; at += 1) {
    if (isSafeCut(text, at)) assert.ok(real.has(at), `cut ${JSON.stringify(text)} at ${at}`);
  }
}

describe("safe cuts", () => {
  it("part no family, flag, accent, conjunct, jamo or newline", () => {
    for (const text of [
      "👩‍👩‍👧‍👦",
      "🇮🇩",
      "e\u0301",
      "क्षि",
      "\u1100\u1161\u11a8",
      "\r\n",
      "👍🏽",
      "ก็",
      "\u0600\u0661",
      "1\ufe0f\u20e3",
    ]) {
      for (let at = 1; at < text.length; at += 1) assert.ok(!isSafeCut(text, at), `${text} at ${at}`);
    }
  });

  it("fall between flags and between letters", () => {
    assert.ok(isSafeCut("🇮🇩🇫🇷", 4));
    assert.ok(isSafeCut("ab", 1) && isSafeCut("漢字", 1) && isSafeCut("日a", 1));
  });

  it("are boundaries of Intl.Segmenter on every pair of characters from across Unicode", () => {
    const random = createSeededRandom(3).next;
    const pick = () => {
      const code = Math.floor(random() * (random() < 0.5 ? 0x3000 : 0x20000));
      return code >= 0xd800 && code <= 0xdfff ? "x" : String.fromCodePoint(code);
    };
    for (let round = 0; round < 20_000; round += 1) assertNeverCuts(pick() + pick() + pick());
  });

  it("are boundaries of Intl.Segmenter in text made of scraps", () => {
    const random = createSeededRandom(5).next;
    for (let round = 0; round < 100; round += 1) assertNeverCuts(randomSource(random, 30));
  });

  it("are looked for backwards, and forwards only inside one unbroken grapheme", () => {
    assert.equal(findSafeCut("abc👩‍👧d", 0, 5), 3);
    assert.equal(findSafeCut(`e${"\u0301".repeat(50)}f`, 0, 10), 51);
  });

  it("keep a shortened text whole up to the ellipsis", () => {
    assert.equal(shorten("ab 👩‍👧 cd", 6), "ab…");
    assert.equal(shorten("short", 5), "short");
  });
});
