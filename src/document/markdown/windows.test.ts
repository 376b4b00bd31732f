import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noCheckpoint } from "../checkpoint.ts";
import { MarkdownParser } from "./parser.ts";
import { windowsOf } from "./windows.ts";

/** Counts how much of the source the parser is given. */
class CountingParser extends MarkdownParser {
  units = 0;

  override parseBlocks(start: number, end: number) {
    this.units += end - start;
    return super.parseBlocks(start, end);
  }
}

describe("the parts of a Markdown document", () => {
  for (const [name, source] of Object.entries({
    alone: "\n".repeat(100_000),
    "between two paragraphs": `a${"\n".repeat(100_000)}b`,
    "after a heading": `# a\n${"  \n".repeat(50_000)}    code`,
  })) {
    it(`leave out blank lines ${name}, which cost the parser memory`, () => {
      const parser = new CountingParser(source, noCheckpoint);
      const windows = [...windowsOf(parser, source, 0)];
      assert.ok(parser.units < 2_000, `${parser.units} units were parsed`);
      assert.deepEqual(
        windows.map(({ start }) => start),
        [0, ...windows.slice(0, -1).map(({ end }) => end)],
      );
      assert.equal(windows.at(-1)?.end, source.length);
    });
  }
});
