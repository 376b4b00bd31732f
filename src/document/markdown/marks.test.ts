import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildDocIR, readersOfRecipe } from "../index.ts";
import { MAX_MARKS } from "../marks.ts";
import { assertInvariants, bytesOf, marksOf } from "../test-kit.ts";

async function marksIn(source: string): Promise<string[]> {
  return marksOf((await assertInvariants(source)).docir);
}

describe("the marks of Markdown", () => {
  it("are emphasis, strong, code and strikethrough, without their markers, also within each other", async () => {
    assert.deepEqual(await marksIn("A **bold *both* b** `` co`de `` ~~gone~~ ***x*** _a_ \\*b\\* 2*3*4"), [
      "strong bold both b",
      "emphasis both",
      "code co`de",
      "strikethrough gone",
      "emphasis x",
      "strong x",
      "emphasis a",
      "emphasis 3",
    ]);
    assert.deepEqual(await marksIn("# A *title*\n\n> q *in\n> two*\n\n[a *link* x](u) ![an *image*](v)"), [
      "emphasis title",
      "emphasis in\ntwo",
      "emphasis link",
      "emphasis image",
    ]);
    assert.deepEqual(await marksIn("```\n*a* `b`\n```\n\n$a_i * b_i$ **** ** a**"), []);
  });

  it("lie in the cells of tables and on both sides of a line that is marked [low]", async () => {
    assert.deepEqual(await marksIn("| **a\\|b** | `x\\|y` |\n|-|-|\n| c | *d* |"), [
      "strong a|b",
      "code x|y",
      "emphasis d",
    ]);
    assert.deepEqual(await marksIn("one **a\nb [low]\nc** d `e`"), [
      "strong a",
      "strong b",
      "strong c",
      "code e",
    ]);
  });

  it("name the block where a footnote begins, whatever the case of its label", async () => {
    const source =
      "A[^Log] b[^log] c[^list] d[^none].\n\n[^LOG]: The *log*.\n\n[^log]: Again.\n\n[^list]:\n    - item";
    assert.deepEqual(await marksIn(source), [
      "footnote_reference [^Log] (Log) [^LOG]: The log.",
      "footnote_reference [^log] (log) [^LOG]: The log.",
      "footnote_reference [^list] (list) [^list]:",
      "emphasis log",
    ]);
  });

  it("are the same in a document that is read in parts", async () => {
    const part = "Some **bold** words and a note[^n] to `read`.\n\n";
    const { docir } = await assertInvariants(`${part.repeat(1_000)}[^n]: At the end.\n`);
    const marks = marksOf(docir);
    assert.equal(marks.length, 3_000);
    assert.deepEqual(marks.slice(-3), [
      "strong bold",
      "footnote_reference [^n] (n) [^n]: At the end.",
      "code read",
    ]);
  });

  it("are kept up to a number, also where each of many lines lies in many of them", async () => {
    const nested = 5_000;
    const source = `${"*a ".repeat(nested)}${"x [low]\n".repeat(2_000)}${" a*".repeat(nested)}`;
    const { blocks, warnings } = await buildDocIR({ bytes: bytesOf(source), mediaType: "text/markdown" });
    assert.equal(blocks.flatMap((block) => block.marks ?? []).length, MAX_MARKS);
    assert.deepEqual(warnings, [{ code: "marks_left_out" }]);
  });

  it("were not kept by earlier versions of the recipe, nor the alignment of columns", async () => {
    const source = "| *a* | b |\n|:-:|--:|\n| 1 | 2 | 3 |";
    const given = { bytes: bytesOf(source), mediaType: "text/markdown" };
    const now = await buildDocIR(given);
    assert.deepEqual(now.blocks[0]?.table?.columnAlign, ["center", "right", "none"]);
    for (const version of ["3", "4"]) {
      const readers = readersOfRecipe({ name: "jejakekal.markdown", version });
      const earlier = await buildDocIR({ ...given, readers });
      assert.equal(earlier.blocks[0]?.marks, undefined);
      assert.equal(earlier.blocks[0]?.table?.columnAlign, undefined);
      assert.equal(earlier.text, now.text);
    }
  });
});
