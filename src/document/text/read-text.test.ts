import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertInvariants, derive, outlineOf } from "../test-kit.ts";

describe("plain text", () => {
  it("makes paragraphs of lines without a blank line between them", async () => {
    const blocks = await outlineOf("one\ntwo\n\n \t\nthree", "text/plain");
    assert.deepEqual(blocks, [
      ["paragraph", "one\ntwo"],
      ["paragraph", "three"],
    ]);
  });

  it("reads LF, CRLF and a lone CR alike", async () => {
    const { docir } = await assertInvariants("a\r\nb\rc\n\r\nd", "text/plain");
    assert.equal(docir.text, "a\nb\nc\n\nd");
    assert.equal(docir.source.newline, "mixed");
  });

  it("takes Markdown signs as they stand", async () => {
    assert.deepEqual(await outlineOf("# *a* &amp;", "text/plain"), [["paragraph", "# *a* &amp;"]]);
  });

  it("gives a line marked [low] a block of its own at 0.4, without the marker, and under review", async () => {
    const { docir, memo } = await assertInvariants("alpha\nbeta [low]\ngamma", "text/plain");
    assert.deepEqual(
      docir.blocks.map(({ confidence, reasons }) => [confidence, reasons]),
      [
        [0.95, []],
        [0.4, ["low_marker"]],
        [0.95, []],
      ],
    );
    assert.equal(docir.text, "alpha\n\nbeta\n\ngamma");
    assert.deepEqual(
      memo.review.map(({ reason, cite }) => [reason, cite.quote]),
      [["low_marker", "beta"]],
    );
    assert.equal(memo.stats.lowConfidenceBlocks, 1);
  });

  it("turns NUL into U+FFFD and doubts it", async () => {
    const { docir } = await assertInvariants("a\0\0b", "text/plain");
    assert.equal(docir.text, "a\ufffd\ufffdb");
    assert.deepEqual(docir.blocks[0]?.reasons, ["replacement_character"]);
  });

  it("doubts only what a fallback charset could have changed", async () => {
    const { docir } = await derive(Uint8Array.of(0xe9, 0x0a, 0x0a, 0x61), "text/plain");
    assert.deepEqual(
      docir.blocks.map(({ reasons }) => reasons),
      [["charset_fallback"], []],
    );
  });

  it("doubts private-use glyphs and control characters", async () => {
    assert.deepEqual((await derive("\ue001", "text/plain")).docir.blocks[0]?.reasons, ["private_use_glyph"]);
    assert.deepEqual((await derive("a\u0007", "text/plain")).docir.blocks[0]?.reasons, ["control_character"]);
  });
});
