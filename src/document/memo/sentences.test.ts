import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkProperty } from "../../testing/property.ts";
import { anySource } from "../test-kit.ts";
import { splitSentences } from "./sentences.ts";

function sentences(text: string): string[] {
  return splitSentences(text).map(([start, end]) => text.slice(start, end).trim());
}

describe("sentences", () => {
  it("end at full stops, question and exclamation marks and what closes with them", () => {
    assert.deepEqual(sentences('It rained. "Did it?" Yes! (All day.) Then…  It stopped.'), [
      "It rained.",
      '"Did it?"',
      "Yes!",
      "(All day.)",
      "Then…",
      "It stopped.",
    ]);
  });

  it("go on after abbreviations, initials, decimals and list numbers", () => {
    for (const text of [
      "Dr. Fox met Mr. J. R. Hart at No. 5.",
      "It cost 3.50 today.",
      "1. Close the gate.",
      "See e.g. Figure 2, i.e. the map.",
      "It was 5 p.m. when he came.",
    ]) {
      assert.deepEqual(sentences(text), [text]);
    }
  });

  it("go on before a small letter, and end before a blank line", () => {
    assert.deepEqual(sentences("Sold by Foo Inc. and others. Next"), [
      "Sold by Foo Inc. and others.",
      "Next",
    ]);
    assert.deepEqual(sentences("no end here\n\nand more"), ["no end here", "and more"]);
  });

  it("end without a blank in Chinese and Japanese, and at the marks of other scripts", () => {
    assert.deepEqual(sentences("今日は雨。明日は晴れ！終わり"), ["今日は雨。", "明日は晴れ！", "終わり"]);
    assert.deepEqual(sentences("كيف حالك؟ بخير"), ["كيف حالك؟", "بخير"]);
    assert.deepEqual(sentences("真的吗?是的!走吧"), ["真的吗?", "是的!", "走吧"]);
    assert.deepEqual(sentences("「そうです。」と言った。終わり"), ["「そうです。」と言った。", "終わり"]);
    assert.deepEqual(sentences("値は１．５です．次の文"), ["値は１．５です．", "次の文"]);
  });

  it("end in Thai at a blank after a clause of some length, and not beside a number", () => {
    const clause = "ท่าเรือบันทึกจำนวนเรือสินค้าที่เข้าเทียบท่าทั้งหมด 412 ลำในเดือนพฤษภาคม";
    assert.deepEqual(
      sentences(`${clause} ${clause} สั้น`),
      [clause, `${clause} สั้น`].flatMap((text) => (text.includes("สั้น") ? [clause, "สั้น"] : [text])),
    );
  });

  it("end before an item of a list", () => {
    assert.deepEqual(sentences("These are the parts:\n- one\n- two\n3. three"), [
      "These are the parts:",
      "- one",
      "- two",
      "3. three",
    ]);
  });

  it("tile any text", async () => {
    await checkProperty(anySource(30), { runs: 200, seed: 11 }, (text) => {
      const tiles = splitSentences(text).map(([start, end]) => text.slice(start, end));
      assert.equal(tiles.join(""), text);
    });
  });

  it("split many blank lines in time in proportion to them", () => {
    const cost = (lines: number) => {
      const before = process.cpuUsage().user;
      splitSentences(`a.${"\n".repeat(lines)}b.`);
      return process.cpuUsage().user - before;
    };
    assert.deepEqual(sentences(`a.${"\n".repeat(1_000)}b.`), ["a.", "b."]);
    cost(20_000);
    assert.ok(cost(400_000) < 20 * cost(20_000) + 2_000_000);
  });
});
