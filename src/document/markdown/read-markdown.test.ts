import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertInvariants, outlineOf, textOf } from "../test-kit.ts";

describe("Markdown", () => {
  it("tells the title from headings and gives each block its path", async () => {
    const { docir } = await assertInvariants(
      "# Title\n\nA\n\n## Part\n\nB\n\nSub\n---\n\n### Deep\n\nC\n\n# Other\n\nD",
    );
    assert.deepEqual(
      docir.blocks.map((block) => [block.type, block.level ?? 0, block.headingPath.join("/")]),
      [
        ["title", 1, ""],
        ["paragraph", 0, "Title"],
        ["heading", 2, "Title"],
        ["paragraph", 0, "Title/Part"],
        ["heading", 2, "Title"],
        ["heading", 3, "Title/Sub"],
        ["paragraph", 0, "Title/Sub/Deep"],
        ["heading", 1, ""],
        ["paragraph", 0, "Other"],
      ],
    );
  });

  it("keeps a run for each entity, escape and mark, so text and source agree at every place", async () => {
    const { docir } = await assertInvariants("a &amp; \\* *b* `c`&#x41;&nbsp;&bogus;");
    const [block] = docir.blocks;
    assert.equal(docir.text, "a & * b cA\u00a0&bogus;");
    assert.deepEqual(block?.runs, [
      [0, 2, 0, 2, 1],
      [2, 1, 2, 5, 0],
      [3, 1, 7, 1, 1],
      [4, 1, 8, 2, 0],
      [5, 1, 10, 1, 1],
      [6, 1, 12, 1, 1],
      [7, 1, 14, 1, 1],
      [8, 1, 16, 1, 1],
      [9, 1, 18, 6, 0],
      [10, 1, 24, 6, 0],
      [11, 7, 30, 7, 1],
    ]);
  });

  it("turns references to what is no character into U+FFFD", async () => {
    assert.deepEqual(await outlineOf("&#0;&#xD800;&#x110000;&#x1F600;"), [
      ["paragraph", "\ufffd\ufffd\ufffd😀"],
    ]);
  });

  it("nests lists by level and parent, with later paragraphs under their item", async () => {
    const { docir } = await assertInvariants("- one\n\n  more\n  1. inner\n- [x] two");
    const [one, more, inner, two] = docir.blocks;
    assert.deepEqual(
      docir.blocks.map((block) => [block.type, block.level ?? 0, textOf(docir, block)]),
      [
        ["list_item", 1, "one"],
        ["paragraph", 0, "more"],
        ["list_item", 2, "inner"],
        ["list_item", 1, "[x] two"],
      ],
    );
    assert.deepEqual([more?.parent, inner?.parent, two?.parent], [one?.id, one?.id, null]);
  });

  it("makes quotes of what stands in them, headings included", async () => {
    assert.deepEqual(await outlineOf("> # a\n> b\n>> c"), [
      ["quote", "a"],
      ["quote", "b"],
      ["quote", "c"],
    ]);
  });

  it("lays tables out by rows and tabs, with cells that tile a padded grid", async () => {
    const { docir } = await assertInvariants("|a|b|\n|-|-|\n|1 \\| 2|**3**|\n|4|\n|5|6|7|");
    const table = docir.blocks[0]?.table;
    assert.equal(docir.text, "a\tb\n1 | 2\t3\n4\n5\t6\t7");
    assert.deepEqual([table?.rows, table?.cols], [4, 3]);
    assert.deepEqual(table?.cells.map(({ header }) => header).slice(0, 4), [true, true, true, false]);
    assert.deepEqual(
      table?.cells.map(({ span }) => docir.text.slice(...span)),
      ["a", "b", "", "1 | 2", "3", "", "4", "", "", "5", "6", "7"],
    );
  });

  it("starts a footnote with its label and keeps the call in the text", async () => {
    assert.deepEqual(await outlineOf("See[^1].\n\n[^1]: The *note*.\n\n    More."), [
      ["paragraph", "See[^1]."],
      ["footnote", "[^1]: The note."],
      ["footnote", "More."],
    ]);
  });

  it("keeps code as it stands, without fences, prefixes and the marker rule", async () => {
    assert.deepEqual(await outlineOf("> ```js\n> a [low]\n>\n>   b\n> ```\n\n    c\n\n      d"), [
      ["code", "a [low]\n\n  b"],
      ["code", "c\n\n  d"],
    ]);
  });

  it("reads links and images by their words, and raw HTML by its text, to be doubted", async () => {
    const { docir } = await assertInvariants(
      "[a *b*](c) <b>d</b> <http://e.f>\n\n![alt](x)\n\n![](y)\n\n<p>\nhi\n</p>",
    );
    assert.deepEqual(
      docir.blocks.map((block) => [block.type, textOf(docir, block)]),
      [
        ["paragraph", "a b d http://e.f"],
        ["image", "alt"],
        ["paragraph", "hi"],
      ],
    );
    assert.deepEqual(docir.warnings, [{ code: "image_without_text" }]);
    assert.deepEqual(docir.blocks[2]?.reasons, ["raw_markup"]);
  });

  it("reads an escaped pipe in a cell as a pipe, in code as well, where other escapes stay as they are", async () => {
    const { docir } = await assertInvariants("| a |\n| - |\n| `x \\| y \\* \\|` \\| |");
    assert.equal(docir.text, "a\nx | y \\* | |");
    const runs = docir.blocks[0]?.runs ?? [];
    assert.deepEqual(
      runs.map(([at, length]) => docir.text.slice(at, at + length)).join(""),
      docir.text,
      "the runs tile the text",
    );
  });

  it("honours [low] by line in paragraphs and headings, by table in cells, and not where it is escaped", async () => {
    const { docir } = await assertInvariants(
      "# T [low]\n\na\nb [low]\nc\n\n- d [low]\n\n|e|\n|-|\n|f [low]|\n\n\\[low] g",
    );
    assert.deepEqual(
      docir.blocks.map((block) => [textOf(docir, block), block.confidence]),
      [
        ["T", 0.4],
        ["a", 0.95],
        ["b", 0.4],
        ["c", 0.95],
        ["d", 0.4],
        ["e\nf", 0.4],
        ["[low] g", 0.95],
      ],
    );
  });

  it("sets front matter apart, and takes a rule for a rule", async () => {
    assert.deepEqual(await outlineOf("---\r\ntitle: x\r\n---\r\n# A"), [
      ["metadata", "---\ntitle: x\n---"],
      ["title", "A"],
    ]);
    assert.deepEqual(await outlineOf("---\n\nA"), [
      ["separator", "---"],
      ["paragraph", "A"],
    ]);
  });

  it("counts a second byte order mark", async () => {
    await assertInvariants("\ufeff\ufeff# A *b*");
  });

  it("anchors blocks in raw bytes, past a BOM and characters of several bytes", async () => {
    const source = "\ufeff# é\n\n日本 **x**\r\n";
    const { docir, memo } = await assertInvariants(source);
    assert.deepEqual(
      docir.blocks.map(({ src }) => src),
      [[{ k: "bytes", span: [5, 7] }], [{ k: "bytes", span: [9, 19] }]],
    );
    assert.deepEqual(memo.title?.cite.srcBytes, [5, 7]);
  });

  it("cuts a long document where that changes nothing, and knows labels from another part", async () => {
    const filler = "Some *plain* words to fill the page.\n\n".repeat(9_000);
    const { docir } = await assertInvariants(
      `# A\n\n[x][ref] and[^n]\n\n${filler}\`\`\`\n\ncode\n\`\`\`\n\n[ref]: http://a.b\n\n[^n]: note`,
    );
    assert.deepEqual(
      docir.blocks.slice(1, 3).map((block) => textOf(docir, block)),
      ["x and[^n]", "Some plain words to fill the page."],
    );
    assert.deepEqual(
      docir.blocks.slice(-2).map((block) => [block.type, textOf(docir, block)]),
      [
        ["code", "\ncode"],
        ["footnote", "[^n]: note"],
      ],
    );
    assert.deepEqual(docir.warnings, []);
  });

  it("reads a long document as the parser does, whatever looks like a fence", async () => {
    const plain = "plain paragraph\n\n";
    const { docir } = await assertInvariants(
      `# Title\n\n\`\`\`npm i\`\`\` installs it.\n\n${plain.repeat(1_600)}\`\`\`sh\nls\n\n# no heading\n\`\`\`\n\n## After\n\n${plain.repeat(4_000)}`,
    );
    const others = docir.blocks.filter((block) => textOf(docir, block) !== "plain paragraph");
    assert.deepEqual(
      others.map((block) => [block.type, textOf(docir, block)]),
      [
        ["title", "Title"],
        ["paragraph", "npm i installs it."],
        ["code", "ls\n\n# no heading"],
        ["heading", "After"],
      ],
    );
    assert.deepEqual(docir.warnings, []);
  });

  it("parses what costs the parser little, however many marks it has", async () => {
    const log = `${"2024 [INFO] foo_bar <x> baz_qux done\n".repeat(2_500)}`;
    const indented = `\`\`\`\n${" ".repeat(200)}- x\n\`\`\`\n\n`;
    const { docir } = await assertInvariants(`${indented}${log}\n*last*`);
    assert.equal(docir.text.endsWith("last"), true);
    assert.deepEqual(docir.warnings, []);
  });

  it("says which blocks it did not parse, and lists them for review", async () => {
    const { docir, memo } = await assertInvariants(`a\n\n${"a <!-- ".repeat(2_000)}\n\n*c*`);
    assert.deepEqual(
      docir.blocks.map(({ reasons }) => reasons),
      [[], ["not_parsed"], []],
    );
    assert.deepEqual(docir.warnings, [{ code: "inline_markup_not_parsed", blockId: docir.blocks[1]?.id }]);
    assert.deepEqual(
      memo.review.map(({ reason }) => reason),
      ["not_parsed"],
    );
  });

  it("keeps what inline HTML says: breaks, the words of images, and no comments", async () => {
    assert.deepEqual(await outlineOf("a<br>b <img src=x alt=pic> <!-- c -->d <a href=foo>e</a>"), [
      ["paragraph", "a\nb pic d e"],
    ]);
  });

  it("takes the title out of a heading in HTML, behind a comment", async () => {
    const { memo, chunkIndex } = await assertInvariants(
      "<!-- lead -->\n<h1 align=center>Big <b>T</b></h1>\n\ntext",
    );
    assert.equal(memo.title?.text, "Big T");
    assert.equal(
      chunkIndex.chunks.some(({ text }) => text.includes("lead")),
      false,
    );
  });

  it("knows front matter by its keys, in YAML and TOML", async () => {
    const cases: Record<string, string> = {
      "---\n# c\ntitle: x\n---\nA": "metadata",
      '---\n"odd key": 1\nmy key: 2\n---\nA': "metadata",
      '+++\ntitle = "x"\n+++\nA': "metadata",
      "---\n---\nA": "metadata",
      "---\n\nText.\n\n---\nA": "separator",
      "---\nText here.\n---\nA": "separator",
    };
    for (const [source, type] of Object.entries(cases))
      assert.equal((await outlineOf(source))[0]?.[0], type, source);
  });

  it("keeps markers, languages and targets as fields", async () => {
    const { docir } = await assertInvariants(
      "3. [x *y*](</u v>) [r][A  b]\n\n```js foo\nz\n```\n\n[a B]: http://q",
    );
    const [item, code] = docir.blocks;
    assert.deepEqual([item?.marker, code?.language], ["3.", "js"]);
    assert.deepEqual(
      item?.links?.map(({ kind, span, target }) => [kind, docir.text.slice(...span), target]),
      [
        ["link", "x y", "/u v"],
        ["link", "r", "http://q"],
      ],
    );
  });

  it("keeps the blanks of a tab before code in a list, and the label of a footnote that begins with a quote", async () => {
    assert.deepEqual(await outlineOf("-\t\tfoo"), [["code", "  foo"]]);
    assert.deepEqual(await outlineOf("x[^1]\n\n[^1]: > quoted"), [
      ["paragraph", "x[^1]"],
      ["footnote", "[^1]:"],
      ["quote", "quoted"],
    ]);
  });

  it("keeps formulas as they stand, and amounts as text", async () => {
    const formula = "$x_a*b*$ costs $5 or $10";
    assert.deepEqual(await outlineOf(`${formula} *e*`), [["paragraph", `${formula} e`]]);
    assert.deepEqual(await outlineOf("$$\nx_a*b*\n$$"), [["paragraph", "$$\nx_a*b*\n$$"]]);
  });

  it("follows CommonMark in rows of marks, symbols and titles", async () => {
    for (const [source, text] of [
      ["*𞋿*delta.", "*𞋿*delta."],
      ["a***b* c*", "a*b c"],
      ["[link](url ((title))", "[link](url ((title))"],
      ["**~~a~~**", "a"],
    ] as const)
      assert.deepEqual(await outlineOf(source), [["paragraph", text]]);
  });
});
