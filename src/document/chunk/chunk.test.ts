import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countTokens as countWhole } from "gpt-tokenizer/encoding/o200k_base";
import { buildChunkIndex, buildDocIR } from "../index.ts";
import { assertInvariants, bytesOf, derive } from "../test-kit.ts";
import { countTokens } from "./tokens.ts";

const SENTENCE = "The quick brown fox jumps over the lazy dog and then sleeps. ";

describe("chunks", () => {
  it("start anew at a heading that follows text, and keep stacked headings together", async () => {
    const { chunkIndex } = await assertInvariants("# A\n\n## B\n\none\n\n## C\n\ntwo");
    assert.deepEqual(
      chunkIndex.chunks.map(({ text, headingPath }) => [text, headingPath]),
      [
        ["A\nB\none", ["A", "B"]],
        ["C\ntwo", ["A", "C"]],
      ],
    );
    assert.equal(chunkIndex.chunks[1]?.contextText, "A > C\n\nC\ntwo");
  });

  it("stay within maxTokens, counted as the tokenizer counts the whole text", async () => {
    const { chunkIndex } = await assertInvariants(`${SENTENCE.repeat(200)}\n\n${"漢字。".repeat(900)}`);
    assert.ok(chunkIndex.chunks.length > 5);
    for (const { text, tokens } of chunkIndex.chunks) {
      assert.equal(tokens, countWhole(text));
      assert.ok(tokens <= 512);
    }
  });

  it("cut long text after sentences", async () => {
    const { chunkIndex } = await assertInvariants(SENTENCE.repeat(100));
    for (const { text } of chunkIndex.chunks) assert.match(text, /^The quick[\s\S]*sleeps\.\s?$/);
  });

  it("cut a long table and long code after lines", async () => {
    const { chunkIndex } = await assertInvariants(`\`\`\`\n${"let x = 1;\n".repeat(400)}\`\`\``);
    for (const { text } of chunkIndex.chunks) assert.match(text, /^let x = 1;[\s\S]*;\n?$/);
  });

  it("are never a heading alone where text is near it", async () => {
    const near = await assertInvariants(
      `# A\n\n${SENTENCE.repeat(40)}\n\n## B\n\n${"漢字。".repeat(900)}\n\n## C`,
    );
    const long = await assertInvariants(
      `## ${"heading ".repeat(300)}\n\n${"x".repeat(5_000)}\n\n## D\n\n## E`,
    );
    for (const { chunkIndex, docir } of [near, long]) {
      const types = new Map(docir.blocks.map(({ id, type }) => [id, type]));
      for (const { parts, tokens } of chunkIndex.chunks) {
        assert.ok(parts.some(({ blockId }) => types.get(blockId) === "paragraph"));
        assert.ok(tokens <= 512);
      }
    }
  });

  it("repeat the header of a table that is cut", async () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, index) => `| ship ${index} | ${index * 3} |`).join("\n");
    const { chunkIndex } = await assertInvariants(`# Ships\n\n| Name | Tons |\n|-|-|\n${rows(600)}`);
    assert.ok(chunkIndex.chunks.length > 3);
    for (const { contextText, text } of chunkIndex.chunks.slice(1)) {
      assert.ok(contextText.endsWith(`Name\tTons\n${text}`));
      assert.ok(countWhole(contextText) <= 512);
    }
    assert.equal(chunkIndex.chunks[0]?.contextText.match(/Tons/g)?.length, 1);
  });

  it("warn of a grapheme that cannot be kept under maxTokens", async () => {
    const { chunkIndex } = await assertInvariants(`e${"\u0301".repeat(2000)}`);
    assert.equal(chunkIndex.warnings?.[0]?.code, "chunk_over_max_tokens");
  });

  it("take text that looks like a control token for text", async () => {
    await assertInvariants("<|endoftext|> and <|im_start|>");
  });

  it("have ids that neither confidence nor maxTokens moves", async () => {
    const docir = await buildDocIR({
      bytes: bytesOf("# A\n\none\n\none\n\none"),
      mediaType: "text/markdown",
    });
    const ids = buildChunkIndex({ docir, docirSha: "0".repeat(64) }).chunks.map(({ id }) => id);
    const doubted = {
      ...docir,
      blocks: docir.blocks.map((block) => ({ ...block, confidence: 0.1, reasons: ["x"] })),
    };
    const again = buildChunkIndex({ docir: doubted, docirSha: "1".repeat(64), maxTokens: 400 });
    assert.deepEqual(
      again.chunks.map(({ id }) => id),
      ids,
    );
    assert.equal(new Set(docir.blocks.map(({ id }) => id)).size, 4);
  });

  it("name the earlier chunk that they repeat, exactly or nearly", async () => {
    const section = (last: string) =>
      `${"Every closing of the gate is written down by the officer of the watch with time and tide. ".repeat(1)}${Array.from({ length: 80 }, (_, i) => `item${i}`).join(" ")} ${last}.`;
    const { chunkIndex, memo } = await derive(
      `# A\n\n${section("west")}\n\n# B\n\nShort.\n\n# A\n\n${section("west")}\n\n# A\n\n${section("east")}`,
    );
    const [first, short, same, near] = chunkIndex.chunks;
    assert.deepEqual(
      [first?.dupOf, short?.dupOf, same?.dupOf, near?.dupOf],
      [undefined, undefined, first?.id, first?.id],
    );
    assert.deepEqual(memo.duplicates, [
      [same?.id, first?.id],
      [near?.id, first?.id],
    ]);
  });

  it("count long words in pieces, never fewer than nothing and about as many", () => {
    assert.equal(countTokens("a".repeat(200)), countWhole("a".repeat(200)));
    assert.equal(countTokens(SENTENCE.repeat(50)), countWhole(SENTENCE.repeat(50)));
    assert.ok(Math.abs(countTokens("ab".repeat(1000)) - countWhole("ab".repeat(1000))) < 20);
  });

  it("have a context of at most maxTokens, with fewer headings where the text leaves no room", async () => {
    const heading = "The long name of a part of the manual ".repeat(3).trim();
    const { chunkIndex } = await assertInvariants(
      `# ${heading}\n\n## ${heading}\n\n### Pumps of ${heading}\n\n${SENTENCE.repeat(200)}`,
    );
    for (const { contextText } of chunkIndex.chunks) assert.ok(countWhole(contextText) <= 512);
    assert.ok(chunkIndex.chunks.some(({ contextText }) => contextText.startsWith("Pumps")));
  });
});
