import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { processorMsOf } from "../testing/processor-time.ts";
import { findTitle } from "./memo/title.ts";
import { derive } from "./test-kit.ts";
import { findWordRuns } from "./words.ts";

const UNITS = 400_000;

describe("the words of a text", () => {
  it("are found in one long word as fast as in many short ones", async () => {
    const findAll = (part: string) =>
      processorMsOf(() => [...findWordRuns(part.repeat(UNITS / part.length))].length);
    const prose = await findAll("tide ");
    for (const part of ["a-", "a", "ท่าเรือมี"]) {
      const slow = await findAll(part);
      assert.ok(slow < 10 * prose + 300, `${part}: ${slow} ms, prose ${prose} ms`);
    }
  });
});

describe("the title of a text of many sentences without a word", () => {
  it("is looked for in time by its length", async () => {
    const { docir } = await derive("?", "text/plain");
    const cost = (sentences: number) => {
      const text = "? ".repeat(sentences);
      const blocks = docir.blocks.map((block): typeof block => ({ ...block, span: [0, text.length] }));
      return processorMsOf(() => assert.equal(findTitle({ ...docir, text, blocks }), null));
    };
    const [small, large] = [await cost(50_000), await cost(200_000)];
    assert.ok(large < 8 * small + 300, `${small} ms, then ${large} ms for four times as much`);
  });
});
