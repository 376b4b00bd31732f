import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event } from "micromark-util-types";
import { createSeededRandom } from "../../testing/seeded-random.ts";
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

/** Where definitions, and what else a paragraph holds, begin and end. */
function definitionsIn(events: readonly Event[] | null): string[] {
  return (events ?? []).flatMap(([phase, { type, start, end }]) =>
    phase === "enter" && (type === "definition" || type === "paragraph")
      ? [`${type} ${start.offset} ${end.offset}`]
      : [],
  );
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

  it("begin between definitions, which are the same in parts as in one", () => {
    const kinds = [
      (n: number) => `[a${n}]: /u\n`,
      (n: number) => `[a${n}]: /u 'one'\n`,
      (n: number) => `  [a${n}]: <u> (two\nlines)\n`,
      (n: number) => `[a${n}]:\n/u\n"title"\n`,
      (n: number) => `[a${n}]: /u '\n`,
      (n: number) => `[a${n}\nb]: /u\n`,
    ];
    const random = createSeededRandom(7);
    const lines = Array.from({ length: 2_000 }, (_, n) => kinds[random.below(kinds.length)]?.(n));
    const source = `${lines.join("")}text\n[no]: definition\n`;
    const parser = new CountingParser(source, noCheckpoint);
    const inParts = [...windowsOf(parser, source, 0)].flatMap(({ events }) => definitionsIn(events));
    assert.ok(parser.units < 3 * source.length, `${parser.units} of ${source.length} units were parsed`);
    const whole = new MarkdownParser(source, noCheckpoint).parseBlocks(0, source.length);
    assert.deepEqual(inParts, definitionsIn(whole));
  });
});
