import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf } from "../test-kit.ts";
import { estimateTokens } from "./estimate.ts";

const PROSE =
  "Some *plain* words to [fill](x) the page with `code`, and 12.5 % of it in a second sentence.\n\n";

/** Kinds of text for which Markdown parsers take time by the square of the length. */
const KINDS = ["[", "[a](b '", "<a ", "a <!-- ", "` `` ", "![a](", "> a\nb\n", "$a "];

describe("the estimate of the parser's work", () => {
  for (const kind of KINDS) {
    it(`is four times that of prose of the same length, and grows in proportion, for ${JSON.stringify(kind)}`, () => {
      const estimate = (units: number) =>
        estimateTokens(bytesOf(kind.repeat(Math.ceil(units / kind.length))));
      const prose = estimateTokens(bytesOf(PROSE.repeat(Math.ceil(93_000 / PROSE.length))));
      assert.ok(estimate(93_000) > 4 * prose, `${estimate(93_000)} and ${prose}`);
      assert.ok(estimate(186_000) < 2.2 * estimate(93_000));
    });
  }

  it("leaves ordinary documents small", () => {
    assert.ok(estimateTokens(bytesOf(PROSE.repeat(200))) < 40_000);
  });
});
