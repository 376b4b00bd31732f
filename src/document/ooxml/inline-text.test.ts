import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InlineText } from "./inline-text.ts";

describe("the inline text of a paragraph", () => {
  it("collects no more marks than its document may still get, and none without a budget", () => {
    const budget = { left: 2 };
    const [text, plain] = [new InlineText(budget), new InlineText()];
    for (const word of ["a", "b", "c"]) {
      text.append(word, ["strong"]);
      text.append(" ");
      plain.append(word, ["strong"]);
    }
    assert.deepEqual(text.finish().marks, [
      { kind: "strong", span: [0, 1] },
      { kind: "strong", span: [2, 3] },
    ]);
    assert.equal(budget.left, 0);
    assert.equal(plain.finish().marks, undefined);
  });

  it("leaves the place of marks that hold nothing but blanks to those behind it", () => {
    const budget = { left: 1 };
    const [blank, word] = [new InlineText(budget), new InlineText(budget)];
    blank.append(" ", ["strong"]);
    assert.deepEqual(blank.finish().marks, []);
    word.append("a", ["strong"]);
    assert.deepEqual(word.finish().marks, [{ kind: "strong", span: [0, 1] }]);
  });
});
