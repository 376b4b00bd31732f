import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { noCheckpoint } from "../checkpoint.ts";
import { PLAIN } from "./font-style.ts";
import { withoutOverprint } from "./overprint.ts";
import type { Fragment, PageContent, Rule } from "./page-content.ts";
import { readBlocks } from "./read-blocks.ts";

const [WIDTH, HEIGHT] = [59_500, 84_200];

/** Places on a coarse grid, so that texts stand beside, below and on each other. */
const place = (most: number) => fc.integer({ min: 0, max: 40 }).map((step) => Math.round((step * most) / 41));

const fragment: fc.Arbitrary<Fragment> = fc
  .record({
    words: fc.constantFrom(
      "tide",
      "Harbour",
      "1.",
      "•",
      "12.5",
      "a",
      "(iv)",
      "Figure 3:",
      "well-",
      "known",
      "港口",
      "مرحبا",
      "Page 4",
      "the end.",
    ),
    x: place(WIDTH),
    y: place(HEIGHT),
    size: fc.constantFrom(700, 1000, 1000, 1400, 2200),
    bold: fc.boolean(),
    hasSpaceBefore: fc.boolean(),
  })
  .map(({ words, x, y, size, bold, hasSpaceBefore }) => ({
    text: words,
    box: [x, y, Math.min(WIDTH, x + Math.round(words.length * size * 0.5)), Math.min(HEIGHT, y + size)],
    baseline: y + Math.round(0.8 * size),
    size,
    style: { ...PLAIN, bold },
    isRightToLeft: words === "مرحبا",
    hasSpaceBefore,
  }));

const rule: fc.Arbitrary<Rule> = fc
  .record({ isHorizontal: fc.boolean(), at: place(WIDTH), from: place(WIDTH), length: place(WIDTH) })
  .map(({ length, ...line }) => ({ ...line, to: line.from + length }));

const page = fc.record({
  fragments: fc.array(fragment, { maxLength: 40 }),
  rules: fc.array(rule, { maxLength: 12 }),
  dots: fc.array(
    fc
      .tuple(place(WIDTH), place(HEIGHT))
      .map(([x, y]): [number, number, number, number] => [x, y, x + 300, y + 300]),
    { maxLength: 5 },
  ),
  hasPicture: fc.boolean(),
});

const pages: fc.Arbitrary<PageContent[]> = fc
  .array(page, { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map((content, index) => ({ n: index + 1, w: WIDTH, h: HEIGHT, rotated: [], ...content })),
  );

/** The letters of a text in any order, without what a line may lose at its end or start. */
function lettersOf(text: string): string {
  return [...text.replace(/[\s\p{P}•]/gu, "")].sort().join("");
}

describe("pages of any content", () => {
  it("lose no letter, and give blocks with places in their text", () => {
    fc.assert(
      fc.property(pages, (contents) => {
        const { blocks, pages: placed } = readBlocks(contents, noCheckpoint);
        const written = blocks
          .filter(({ type }) => type !== "image")
          .map(({ text, marker = "" }) => text + marker);
        // Footnotes show their mark in the text as well.
        const isNote = blocks.some(({ type }) => type === "footnote");
        if (!isNote)
          assert.equal(
            lettersOf(written.join("")),
            lettersOf(
              withoutOverprint(contents)
                .flatMap(({ fragments }) => fragments.map(({ text }) => text))
                .join(""),
            ),
          );
        for (const { text, boxes = [], src } of blocks) {
          assert.ok(text.trim() !== "" && src.length > 0);
          for (const [at, length, , [left, top, right, bottom]] of boxes) {
            assert.ok(at >= 0 && length >= 0 && at + length <= text.length);
            assert.ok(
              left >= 0 && top >= 0 && left <= right && top <= bottom && right <= WIDTH && bottom <= HEIGHT,
            );
          }
        }
        assert.deepEqual(
          placed.map(({ n }) => n),
          contents.map(({ n }) => n),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("lose as drawn twice only what another text has in the same place", () => {
    fc.assert(
      fc.property(pages, (contents) => {
        for (const [index, { fragments }] of withoutOverprint(contents).entries()) {
          for (const { text, box } of contents[index]?.fragments ?? [])
            assert.ok(
              fragments.some(
                (other) =>
                  other.text.includes(text) &&
                  Math.min(box[2], other.box[2]) - Math.max(box[0], other.box[0]) > 0.5 * (box[2] - box[0]),
              ),
              text,
            );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("give the same blocks each time", () => {
    fc.assert(
      fc.property(pages, (contents) =>
        assert.deepEqual(
          readBlocks(contents, noCheckpoint),
          readBlocks(structuredClone(contents), noCheckpoint),
        ),
      ),
      { numRuns: 50 },
    );
  });
});
