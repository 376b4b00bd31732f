import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkProperty } from "../../testing/property.ts";
import { buildDocx, paragraph, run } from "../ooxml/docx/test-docx.ts";
import type { Memo, Span } from "../schema.ts";
import { anySource, derive } from "../test-kit.ts";
import { buildMemo } from "./memo.ts";
import { hasEndMark, splitWithNotes } from "./note-signs.ts";
import { proseSentences } from "./passages.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const textsOf = ({ keySentences }: Memo) => keySentences.map(({ text }) => text);

function split(text: string, notes?: Span[]): string[] {
  return splitWithNotes(text, notes).map(([start, end]) => text.slice(start, end).trim());
}

describe("the sign of a note", () => {
  it("belongs to the sentence that ends before it", () => {
    for (const sentences of [
      ["It was built in 1934.[2]", "See the plan."],
      ["“It was built in 1934.”[2][a]", "See the plan."],
      ["(It was built in 1934.[^note])", "See the plan."],
      ["Who built it?[*][3]", "Nobody knows!²", "See the plan.†", "It is old."],
    ])
      assert.deepEqual(split(sentences.join(" ")), sentences);
    assert.deepEqual(split("一九三四年。[2]図を見よ。"), ["一九三四年。[2]", "図を見よ。"]);
  });

  it("ends no sentence that goes on", () => {
    for (const text of [
      "It was built by Dr.[2] Fox in 1934[3] or so.",
      "The firm Foo Inc.[2] and others built it.",
      "「そうです。」[2]と言った。",
    ])
      assert.deepEqual(split(text), [text]);
  });

  it("is not the number of a reference that stands apart, nor a word in brackets", () => {
    assert.deepEqual(split("It ends here. [2] See the plan."), ["It ends here.", "[2] See the plan."]);
    assert.deepEqual(split("See a.[not a sign] Or b."), ["See a.[not a sign] Or b."]);
  });

  it("is what the reader knows as one, whatever its letters", () => {
    const text = "It was built in 1934.1, 2 See the plan. Its 3 gates are shut.";
    const notes: Span[] = [
      [21, 22],
      [24, 25],
    ];
    assert.deepEqual(split(text, notes), [
      "It was built in 1934.1, 2",
      "See the plan.",
      "Its 3 gates are shut.",
    ]);
    assert.deepEqual(split(text), ["It was built in 1934.1, 2 See the plan.", "Its 3 gates are shut."]);
  });

  it("leaves the text tiled", async () => {
    await checkProperty(anySource(30), { runs: 200, seed: 13 }, (text) => {
      const half = Math.trunc(text.length / 2);
      const tiles = splitWithNotes(text, [[half, text.length]]).map(([start, end]) => text.slice(start, end));
      assert.equal(tiles.join(""), text);
    });
  });

  it("is in the key sentences of Markdown, HTML and Word, after a title too; extractive/6 is as it was", async () => {
    const [first, second] = [
      "The lock was built by hand in 1934.",
      "See the plan of the old harbour for it.",
    ];
    const markdown = `${first}[^2] ${second}\n\n[^2]: A note.\n`;
    const html = `<!doctype html><p>${first}<sup><a href="#n1">1</a></sup> ${second}</p><ol><li id="n1">A note.</li></ol>`;
    const docx = (attributes: string, sign: string) =>
      buildDocx({
        body: `<w:p>${run(first)}<w:r><w:footnoteReference ${attributes}w:id="1"/>${sign}</w:r>${run(` ${second}`)}</w:p>`,
        footnotes: `<w:footnote w:id="1">${paragraph("A note.")}</w:footnote>`,
      });
    const cases: [string | Uint8Array, string, string][] = [
      [markdown, "text/markdown", "[^2]"],
      [html, "text/html", "1"],
      [docx("", ""), DOCX, "[1]"],
      [docx('w:customMarkFollows="1" ', "<w:t>*</w:t>"), DOCX, "*"],
    ];
    for (const [source, mediaType, sign] of cases) {
      const { memo, docir, chunkIndex } = await derive(source, mediaType);
      assert.deepEqual(textsOf(memo), [`${first}${sign}`, second], sign);
      const given = { docir, docirSha: memo.docirSha, chunkIndex, chunkIndexSha: memo.chunkIndexSha };
      const earlier = textsOf(buildMemo({ ...given, method: "extractive/6" }));
      assert.deepEqual(earlier, [`${first}${sign} ${second}`], sign);
    }
  });

  it("is looked for in time in proportion to the signs of a block", async () => {
    const costOf = async (count: number) => {
      const source = `<!doctype html><p>${'It is.<sup><a href="#n">1</a></sup> '.repeat(count)}</p><p id="n">A note.</p>`;
      const { docir } = await derive(source, "text/html");
      const [sentences, before] = [[...proseSentences(docir, splitWithNotes)], process.cpuUsage().user];
      assert.equal(sentences.filter((sentence) => hasEndMark(docir.text, sentence)).length, count + 1);
      return process.cpuUsage().user - before;
    };
    await costOf(500);
    assert.ok((await costOf(16_000)) < 20 * (await costOf(2_000)) + 100_000);
  });
});
