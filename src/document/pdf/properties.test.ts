import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkProperty } from "../../testing/property.ts";
import type { Block, DocIR } from "../schema.ts";
import { assertInvariants, derive } from "../test-kit.ts";
import { buildPdf, line, text } from "./test-pdf.ts";

const MEDIA_TYPE = "application/pdf";
/** Of a page, in points. */
const [WIDTH, HEIGHT] = [612, 792];

/** A text on a page; its baseline begins at `x` and `y`, counted from the bottom left. */
type Placed = Readonly<{ x: number; y: number; words: string; font: string; size: number }>;

const PLACED: fc.Arbitrary<Placed> = fc.record({
  x: fc.integer({ min: 30, max: 330 }),
  y: fc.integer({ min: 30, max: 750 }),
  words: fc.constantFrom(
    "The barge #",
    "# tons",
    "#",
    "Quai é #.",
    "(#) a\\b",
    "1. # of",
    "3 March # Total:",
  ),
  font: fc.constantFrom("F1", "F2", "F3"),
  size: fc.constantFrom(6, 8, 10, 10, 10, 12, 18, 28),
});

/** Each text with a number of its own for its `#`, so that it can be looked for. */
function numbered(pages: readonly (readonly Placed[])[]): (Placed & { page: number; token: string })[] {
  let count = 0;
  return pages.flatMap((texts, index) =>
    texts.map((placed) => {
      count += 1;
      const token = `n${count}n`;
      return { ...placed, token, page: index + 1, words: placed.words.replace("#", token) };
    }),
  );
}

function draw({ x, y, words, font, size }: Placed): string {
  return text(x, y, words, font, size);
}

/** The boxes of a block are those of its lines, in order, within their pages, and together hold its words. */
function assertBoxes({ text: all }: DocIR, { boxes = [], span, src }: Block): void {
  let end = span[0];
  for (const [at, length, page, [left, top, right, bottom]] of boxes) {
    assert.ok(at >= end && length > 0, "lines are in order and hold words");
    assert.equal(all.slice(end, at).trim(), "", "all words are in a line");
    end = at + length;
    assert.ok(0 <= left && left < right && right <= 100 * WIDTH, `${left} to ${right}`);
    assert.ok(0 <= top && top < bottom && bottom <= 100 * HEIGHT, `${top} to ${bottom}`);
    assert.ok(src.some((anchor) => anchor.k === "pdf" && anchor.page === page));
  }
  assert.equal(all.slice(end, span[1]).trim(), "", "all words are in a line");
}

/** The line that holds a token is where the token was drawn. */
function assertLiesThere(
  { text: all, blocks }: DocIR,
  { token, page, x, y, size }: ReturnType<typeof numbered>[number],
): void {
  const at = all.indexOf(token);
  assert.ok(at >= 0 && all.indexOf(token, at + 1) < 0, `${token} is shown once`);
  const block = blocks.find(({ span }) => span[0] <= at && at < span[1]);
  const box = block?.boxes?.find(([start, length]) => start <= at && at < start + length);
  assert.ok(block && box, `${token} has a line`);
  const [left, top, right, bottom] = box[3];
  const [middle, start] = [100 * (HEIGHT - y) - 25 * size, 100 * x];
  assert.equal(box[2], page);
  assert.ok(left <= start + 100 && start < right, `${token} lies in its line, across`);
  assert.ok(top <= middle && middle <= bottom, `${token} lies in its line, down`);
}

describe("any PDF", () => {
  it("shows each of its texts once, in a line that lies where it was drawn", async () => {
    const pages = fc.array(fc.array(PLACED, { maxLength: 8 }), { minLength: 1, maxLength: 3 });
    await checkProperty(pages, { runs: 60, seed: 51 }, async (drawn) => {
      const placed = numbered(drawn);
      const contents = drawn.map((_, index) =>
        placed
          .filter(({ page }) => page === index + 1)
          .map(draw)
          .join(""),
      );
      const { docir } = await assertInvariants(buildPdf({ pages: contents }), MEDIA_TYPE);
      for (const block of docir.blocks) if (block.boxes !== undefined) assertBoxes(docir, block);
      for (const one of placed) assertLiesThere(docir, one);
    });
  });

  it("with a ruled table shows each of its cells in its row and column", async () => {
    const size = fc.integer({ min: 2, max: 4 });
    await checkProperty(
      fc.tuple(size, size, fc.boolean()),
      { runs: 12, seed: 52 },
      async ([rows, cols, hasText]) => {
        const [left, top, width, height] = [72, 600, 100, 24];
        const cells = Array.from({ length: rows * cols }, (_, n) => ({
          r: Math.floor(n / cols),
          c: n % cols,
          words: `cell ${n}`,
        }));
        const page = [
          hasText ? text(72, 700, "The tide is low at noon and high again at six o'clock.") : "",
          ...Array.from({ length: rows + 1 }, (_, r) =>
            line(left, top - r * height, left + cols * width, top - r * height),
          ),
          ...Array.from({ length: cols + 1 }, (_, c) =>
            line(left + c * width, top, left + c * width, top - rows * height),
          ),
          ...cells.map(({ r, c, words }) => text(left + c * width + 6, top - r * height - 15, words)),
        ].join("");
        const { docir } = await assertInvariants(buildPdf({ pages: [page] }), MEDIA_TYPE);
        const [table, ...others] = docir.blocks.flatMap((block) => block.table ?? []);
        assert.deepEqual(
          table?.cells.map(({ r, c, span }) => ({ r, c, words: docir.text.slice(...span) })),
          cells,
        );
        assert.equal(others.length, 0);
      },
    );
  });

  it("gives the same bytes again, in another time zone and beside other documents", async () => {
    const sources = fc
      .sample(fc.array(PLACED, { minLength: 1, maxLength: 8 }), { numRuns: 10, seed: 53 })
      .map((texts) =>
        buildPdf({ pages: [numbered([texts]).map(draw).join("")], hasObjectStreams: texts.length % 2 === 0 }),
      );
    const shasOf = async (source: Uint8Array) => (await derive(source, MEDIA_TYPE)).shas;
    const first: string[][] = [];
    for (const source of sources) first.push(await shasOf(source));
    const { TZ } = process.env;
    process.env.TZ = "Pacific/Kiritimati";
    const again = await Promise.all(sources.toReversed().map(shasOf)).finally(() => {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    });
    assert.deepEqual(again.toReversed(), first);
  });
});
