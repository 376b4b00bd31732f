import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertInvariants, citationsOf, derive } from "../test-kit.ts";
import { findFigures } from "./figures.ts";

const HARBOUR_LOG = new Uint8Array(
  readFileSync(new URL("../../../golden/corpus/harbour-log.md", import.meta.url)),
);

function figures(text: string): string[] {
  return Array.from(findFigures(text), ({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);
}

describe("memo", () => {
  it("sums up the harbour log with citations only", async () => {
    const { memo, docir } = await assertInvariants(HARBOUR_LOG);
    assert.equal(memo.title?.text, "Inspection of the Tide Gate at Port Merrow");
    assert.ok(memo.keySentences.length >= 5 && memo.keySentences.length <= 7);
    assert.ok(memo.keySentences.some(({ text }) => text.includes("failed to close")));
    assert.deepEqual(
      memo.review.map(({ cite }) => cite.text.split(" ").slice(0, 3).join(" ")),
      ["The inner gauge", "The claim of"],
    );
    assert.ok(memo.figures.some(({ kind, text }) => kind === "money" && text === "€184,500"));
    assert.equal(
      memo.outline.length,
      docir.blocks.filter(({ type }) => type === "title" || type === "heading").length,
    );
  });

  it("gives the raw bytes of a quote wherever it claims to know them", async () => {
    const { memo } = await derive(HARBOUR_LOG);
    const known = citationsOf(memo).filter(({ srcBytes }) => srcBytes !== undefined);
    assert.ok(known.length > 20);
    for (const { srcBytes = [0, 0], quote } of known)
      assert.equal(new TextDecoder().decode(HARBOUR_LOG.subarray(...srcBytes)), quote);
  });

  it("takes its title from the first heading or sentence where there is no title", async () => {
    assert.equal((await derive("text\n\n## Head")).memo.title?.text, "Head");
    assert.equal((await derive("One here. Two there.")).memo.title?.text, "One here.");
    assert.equal((await derive("")).memo.title, null);
  });

  it("cites no doubtful block and no repeated chunk as key", async () => {
    const line = "The pump in the north station has been running without a break since Monday morning.";
    const { memo } = await assertInvariants(
      `# A\n\n${line}\n\n# A\n\n${line}\n\n# B\n\nA sentence that nobody trusts but has a lot of words in it. [low]`,
    );
    assert.deepEqual(
      memo.keySentences.map(({ text }) => text),
      [line],
    );
  });

  it("tells dates, money and numbers apart, none inside another", () => {
    assert.deepEqual(
      figures(
        "On 2025-03-14 and 3 March 2025 it cost €1,200.50, $3 million or 40 EUR; 12.5 % of 1,000,000, 47 minutes.",
      ),
      [
        "date 2025-03-14",
        "date 3 March 2025",
        "money €1,200.50",
        "money $3 million",
        "money 40 EUR",
        "number 12.5 %",
        "number 1,000,000",
        "number 47 minutes",
      ],
    );
    assert.deepEqual(figures("v1.2.3 at 10:45, a5, 7, [^12]"), []);
  });

  it("refuses a chunk index of another document", async () => {
    const { buildMemo } = await import("../index.ts");
    const [a, b] = [await derive("one"), await derive("two")];
    assert.throws(
      () =>
        buildMemo({
          docir: a.docir,
          docirSha: a.shas[0],
          chunkIndex: b.chunkIndex,
          chunkIndexSha: b.shas[1],
        }),
      /another document/,
    );
  });

  it("takes its title from front matter before a lower heading, and from a title before both", async () => {
    const frontMatter = '---\ntitle: "Tides"\n---\n\n';
    assert.equal((await assertInvariants(`${frontMatter}## Head\n\ntext`)).memo.title?.text, "Tides");
    assert.equal((await assertInvariants(`${frontMatter}# Top\n\ntext`)).memo.title?.text, "Top");
  });

  it("takes no line that only leads to a list for a key sentence, and cites a long sentence whole", async () => {
    const long = `The harbour ${"considerably ".repeat(45)}deteriorated.`;
    const { memo } = await assertInvariants(
      `# A\n\nAll the parts that the keeper has to look at every morning are these:\n\n- one\n\n${long}`,
    );
    assert.deepEqual(
      memo.keySentences.map(({ text }) => text),
      [long],
    );
  });
});
