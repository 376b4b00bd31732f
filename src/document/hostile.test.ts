import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Failure } from "../failure.ts";
import { measureSlowness } from "../testing/machine-speed.ts";
import { processorMsOf } from "../testing/processor-time.ts";
import { checkProperty } from "../testing/property.ts";
import { anySource, assertInvariants, derive } from "./test-kit.ts";

/** Per input. */
const TIME_LIMIT_MS = 20_000 * measureSlowness();

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

const INPUTS: Record<string, () => string> = {
  nothing: () => "",
  "only a BOM": () => "\ufeff",
  "only blanks": () => " \t\n\r\n\r \f",
  CRLF: () => "# a\r\n\r\n- b\r\n- c\r\n\r\n```\r\nd\r\n\r\ne\r\n```\r\n",
  "a lone CR": () => "# a\r\rb\rc",
  NUL: () => "a\0b\n\n# \0\n\n`\0`",
  "right-to-left text": () => "# שלום\n\nمرحبا **بالعالم** \u202eabc\u202c [low]",
  "emoji families": () => `# 👩‍👩‍👧‍👦\n\n${"👩‍👩‍👧‍👦".repeat(800)}`,
  flags: () => "🇮🇩🇫🇷".repeat(2000),
  "one grapheme": () => `e${"\u0301".repeat(20_000)}`,
  "a line of a million letters": () => "a".repeat(1_000_000),
  "a line of a million blanks": () => `a${" ".repeat(1_000_000)}b`,
  "a line of prose of half a megabyte": () => "The quick brown fox jumps over the lazy dog. ".repeat(11_500),
  "five thousand headings": () => lines(5_000, (index) => `# Heading ${index}\n`),
  "five thousand underlined headings": () => "a\n=\n".repeat(5_000),
  "underlines between all lines": () => "a\n-\nb\n==\n\n".repeat(5_000),
  "ten thousand nested quotes": () => `${">".repeat(10_000)} x`,
  "ten thousand nested lists": () => `${"* + ".repeat(5_000)}x`,
  "a thousand lists nested by indent": () => lines(1_000, (index) => `${"  ".repeat(index)}- a`),
  "nested footnotes": () => `${lines(300, (index) => `[^${index}]: `).replaceAll("\n", "")}x`,
  "lazy lines after deep quotes": () => `${">".repeat(5_000)}x\n${"y\n".repeat(5_000)}`,
  "emphasis that closes and opens": () => "a*".repeat(20_000),
  "open brackets": () => "[".repeat(20_000),
  "nested brackets": () => "[".repeat(10_000) + "]".repeat(10_000),
  "open links": () => "[a](".repeat(10_000),
  "ticks of every length": () => lines(700, (index) => "`".repeat(index)).replaceAll("\n", " "),
  "open tags": () => "<a ".repeat(20_000),
  "open comments": () => "<!-- a\n".repeat(20_000),
  "a sparse table": () => `${"|".repeat(2_000)}\n${"|-".repeat(2_000)}\n${"|1|\n".repeat(500)}`,
  "many definitions": () => lines(8_000, (index) => `[a${index}]: x`),
  "many markers": () => "[low]".repeat(50_000),
  "many marked lines": () => "x [low]\n".repeat(5_000),
  "many entities": () => "&amp;&lt;".repeat(20_000),
  digits: () => "1".repeat(300_000),
  "full stops": () => ". A".repeat(50_000),
  "a long heading over many blocks": () => `# ${"long ".repeat(20_000)}\n\n${"x\n\n".repeat(2_000)}`,
  "two million blank lines": () => "\n".repeat(2_000_000),
  "a paragraph before a million blank lines": () => `a${"\n".repeat(1_000_000)}b`,
  "an unclosed fence": () => `\`\`\`\n${"code\n".repeat(20_000)}`,
};

describe("hostile text", () => {
  for (const [name, make] of Object.entries(INPUTS)) {
    it(`gives a sound result in bounded time for ${name}`, { timeout: TIME_LIMIT_MS }, async () => {
      const source = make();
      for (const mediaType of ["text/markdown", "text/plain"]) {
        assert.ok((await processorMsOf(() => assertInvariants(source, mediaType))) < TIME_LIMIT_MS);
      }
    });
  }

  it("refuses more blocks than an artifact can hold, with a typed failure", {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    await assert.rejects(
      derive("x\n\n".repeat(300_000), "text/plain"),
      (error) =>
        error instanceof Failure &&
        error.code === "payload_too_large" &&
        error.detail.limit_blocks === 250_000,
    );
  });

  it("holds every invariant on any text", { timeout: 3 * TIME_LIMIT_MS }, async () => {
    const mediaTypes = fc.constantFrom("text/plain", "text/markdown", "text/markdown");
    await checkProperty(
      fc.tuple(anySource(80), mediaTypes),
      { runs: 500, seed: 42 },
      async ([source, mediaType]) => {
        await assertInvariants(source, mediaType);
      },
    );
  });

  it("holds every invariant on text of 7 bits under a declared ISO-2022-JP", {
    timeout: 3 * TIME_LIMIT_MS,
  }, async () => {
    const scrap = fc.constantFrom(
      ...["\x1b$B", "\x1b(B", "\x1b(I", "\x1b", "F|K\\", "F", "\n\n", "# ", "- ", "<p>", "a,b", "[low]", "~"],
    );
    const type = fc.constantFrom("text/plain", "text/markdown", "text/html", "text/csv");
    await checkProperty(
      fc.tuple(fc.array(scrap, { maxLength: 25 }), type),
      { runs: 150, seed: 44 },
      async ([scraps, mediaType]) => {
        await assertInvariants(scraps.join(""), `${mediaType}; charset=iso-2022-jp`);
      },
    );
  });

  it("holds every invariant on any bytes under any charset", { timeout: 3 * TIME_LIMIT_MS }, async () => {
    const bytes = fc.tuple(
      fc.constantFrom([], [], [], [0xff, 0xfe], [0xef, 0xbb, 0xbf]),
      fc.uint8Array({ minLength: 1, maxLength: 120, size: "max" }),
    );
    const type = fc.constantFrom("text/plain", "text/markdown");
    const charset = fc.constantFrom(
      ...["", "utf-8", "shift_jis", "gb18030", "utf-16le", "utf-16", "utf-32", "koi8-r", "us-ascii"],
    );
    const inputs = fc.tuple(bytes, type, charset);
    await checkProperty(inputs, { runs: 200, seed: 43 }, async ([[bom, body], mediaType, label]) => {
      const declared = label === "" ? mediaType : `${mediaType}; charset=${label}`;
      await assertInvariants(Uint8Array.from([...bom, ...body]), declared);
    });
  });

  it("grows no worse than in proportion", { timeout: 3 * TIME_LIMIT_MS }, async () => {
    const cost = async (headings: number) => {
      const source = lines(headings, (index) => `## Heading ${index}\n\nSome *text* under it.\n`);
      return await processorMsOf(() => derive(source));
    };
    await cost(1_000);
    const [small, large] = [await cost(2_000), await cost(8_000)];
    assert.ok(large < small * 4 * 4 + 500, `${small} ms, then ${large} ms for four times as much`);
  });
});
