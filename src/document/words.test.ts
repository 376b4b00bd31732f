import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findTitle } from "./memo/title.ts";
import { derive } from "./test-kit.ts";
import { findWordRuns } from "./words.ts";

const UNITS = 400_000;

/** Processor time, because other processes on the machine do not count. */
const millisecondsOf = (work: () => unknown): number => {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
};

describe("the words of a text", () => {
  it("are found in one long word as fast as in many short ones", () => {
    const findAll = (part: string) =>
      millisecondsOf(() => [...findWordRuns(part.repeat(UNITS / part.length))].length);
    const prose = findAll("tide ");
    const [hyphens, letters, thai] = [findAll("a-"), findAll("a"), findAll("ท่าเรือมี")];
    for (const slow of [hyphens, letters, thai])
      assert.ok(slow < 10 * prose + 300, `${slow}, prose ${prose}`);
  });
});

describe("the title of a text of many sentences without a word", () => {
  it("is looked for in time by its length", async () => {
    const { docir } = await derive("?", "text/plain");
    const cost = (sentences: number) => {
      const text = "? ".repeat(sentences);
      const blocks = docir.blocks.map((block): typeof block => ({ ...block, span: [0, text.length] }));
      return millisecondsOf(() => assert.equal(findTitle({ ...docir, text, blocks }), null));
    };
    const [small, large] = [cost(50_000), cost(200_000)];
    assert.ok(large < 8 * small + 300, `${small} ms, then ${large} ms for four times as much`);
  });
});
