import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunFailure } from "../../../failure.ts";
import type { DocIR } from "../../schema.ts";
import { assertInvariants, textOf } from "../../test-kit.ts";
import { zipParts } from "../test-packages.ts";
import {
  abstractList,
  buildDocx,
  buildDocxParts,
  type DocxParts,
  list,
  listItem,
  NUMBERING,
  paragraph,
  run,
  STYLES,
  styled,
  table,
} from "./test-docx.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

async function read(parts: DocxParts): Promise<DocIR> {
  const { docir } = await assertInvariants(
    buildDocx({ styles: STYLES, numbering: NUMBERING, ...parts }),
    DOCX,
  );
  const xmlOf = buildDocxParts({ styles: STYLES, numbering: NUMBERING, ...parts });
  for (const { src } of docir.blocks) {
    for (const anchor of src) {
      assert.ok(anchor.k === "ooxml" && anchor.span);
      const xml = String(xmlOf[anchor.part]).slice(...anchor.span);
      assert.match(xml, /^<([\w:]+)[\s/>].*<\/\1>$|^<[^<]*\/>$/s, "an anchor is one element of its part");
    }
  }
  return docir;
}

/** [type, text] of each block, with level and marker where there are any. */
async function blocksOf(parts: DocxParts) {
  const docir = await read(parts);
  return docir.blocks.map((block) => {
    const kind = [block.type, block.level, block.marker, block.role].filter((part) => part !== undefined);
    return [kind.join(" "), textOf(docir, block)];
  });
}

const bodyOf = (body: string) => blocksOf({ body });

describe("the body of a Word document", () => {
  it("has titles, headings and paragraphs by style, and anchors them in their part", async () => {
    const body =
      styled("Title", "Sills & locks") +
      styled("Heading1", "One") +
      paragraph("Text.") +
      styled("Heading3", "Two");
    const docir = await read({ body });
    assert.deepEqual(
      docir.blocks.map(({ type, level, headingPath }) => [type, level, headingPath]),
      [
        ["title", undefined, []],
        ["heading", 1, ["Sills & locks"]],
        ["paragraph", undefined, ["Sills & locks", "One"]],
        ["heading", 3, ["Sills & locks", "One"]],
      ],
    );
    const part = String(buildDocxParts({ body })["word/document.xml"]);
    const anchor = docir.blocks[2]?.src[0];
    assert.ok(anchor?.k === "ooxml" && anchor.span);
    assert.equal(part.slice(...anchor.span), paragraph("Text."));
  });

  it("finds headings by the outline level of a style that a style is based on, and of the paragraph itself", async () => {
    const styles = `${STYLES}<w:style w:type="paragraph" w:styleId="Kop"><w:name w:val="Kop"/><w:basedOn w:val="Heading2"/></w:style>
      <w:style w:type="paragraph" w:styleId="Toc"><w:name w:val="TOC Heading"/><w:basedOn w:val="Heading1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
      <w:style w:type="paragraph" w:styleId="A"><w:name w:val="A"/><w:basedOn w:val="B"/></w:style>
      <w:style w:type="paragraph" w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/></w:style>`;
    const body =
      styled("Kop", "Based") +
      styled("Toc", "Contents") +
      styled("A", "Circle") +
      paragraph("Outlined", '<w:outlineLvl w:val="7"/>');
    assert.deepEqual(await blocksOf({ body, styles }), [
      ["heading 2", "Based"],
      ["paragraph", "Contents"],
      ["paragraph", "Circle"],
      ["heading 6", "Outlined"],
    ]);
    assert.deepEqual(await blocksOf({ body: styled("Heading2", "No styles"), styles: "" }), [
      ["heading 2", "No styles"],
    ]);
  });

  it("counts lists: nested levels, letters, restarts and lists that go on after others", async () => {
    const numbering = `${NUMBERING}${list(3, 1, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>')}${abstractList(
      4,
      [
        ["upperRoman", "%1"],
        ["decimal", "%1-%2"],
      ],
    )}${list(4, 4)}`;
    const body = [
      listItem("a", 2),
      listItem("b", 2, 1),
      listItem("c", 2, 1),
      listItem("d", 2, 2),
      paragraph("between"),
      listItem("e", 2),
      listItem("f", 2, 1),
      listItem("g", 3),
      listItem("h", 1),
      listItem("i", 1, 1),
      listItem("j", 4),
      listItem("k", 4, 1),
      styled("ListBullet", "l"),
      paragraph("m", '<w:pStyle w:val="ListBullet"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
    ].join("");
    assert.deepEqual(await blocksOf({ body, numbering }), [
      ["list_item 1 1.", "a"],
      ["list_item 2 a)", "b"],
      ["list_item 2 b)", "c"],
      ["list_item 3 1.i", "d"],
      ["paragraph", "between"],
      ["list_item 1 2.", "e"],
      ["list_item 2 a)", "f"],
      ["list_item 1 7.", "g"],
      ["list_item 1 •", "h"],
      ["list_item 2 o", "i"],
      ["list_item 1 I", "j"],
      ["list_item 2 I-1", "k"],
      ["list_item 1 •", "l"],
      ["paragraph", "m"],
    ]);
  });

  it("names the item that an item is nested in as its parent", async () => {
    const { blocks } = await read({
      body: listItem("a", 1) + listItem("b", 1, 1) + listItem("c", 1, 1) + listItem("d", 1),
    });
    assert.deepEqual(
      blocks.map(({ parent }) => blocks.findIndex(({ id }) => id === parent)),
      [-1, 0, 0, -1],
    );
  });

  it("reads insertions as text, leaves deletions out, and warns of both", async () => {
    const deleted = '<w:del w:id="1"><w:r><w:delText>old</w:delText></w:r></w:del>';
    const body = `<w:p>${run("The ")}${deleted}<w:ins w:id="2">${run("new")}</w:ins>${run(" pump")}</w:p>
      <w:p><w:moveFrom w:id="3">${run("moved")}</w:moveFrom></w:p>
      <w:p><w:pPr><w:rPr><w:del w:id="4"/></w:rPr></w:pPr>${run("first half, ")}</w:p>${paragraph("second half")}
      <w:tbl><w:tr><w:trPr><w:del w:id="5"/></w:trPr><w:tc>${paragraph("gone")}</w:tc></w:tr><w:tr><w:tc>${paragraph("kept")}</w:tc></w:tr></w:tbl>`;
    const docir = await read({ body });
    assert.equal(docir.text, "The new pump\n\nfirst half, second half\n\nkept");
    assert.deepEqual(
      docir.warnings.map(({ code, blockId }) => [code, docir.blocks.findIndex(({ id }) => id === blockId)]),
      [
        ["tracked_insertion", 0],
        ["tracked_deletion_left_out", 0],
        ["tracked_deletion_left_out", -1],
        ["tracked_deletion_left_out", 1],
        ["tracked_deletion_left_out", 2],
      ],
    );
  });

  it("reads results of fields, links, symbols, tabs and breaks, and leaves instructions out", async () => {
    const field = (instruction: string, result: string) =>
      `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>${instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;
    const body = `<w:p>${run("Page ")}${field(" PAGE ", "7")}${run(" of ")}<w:fldSimple w:instr="NUMPAGES">${run("9")}</w:fldSimple></w:p>
      <w:p>${run("See ")}<w:hyperlink r:id="site">${run("the site")}</w:hyperlink>${run(" and ")}${field(' HYPERLINK "https://b.test/" \\l "x" ', "this")}</w:p>
      <w:p><w:r><w:sym w:font="Symbol" w:char="F061"/><w:tab/><w:sym w:font="Wingdings" w:char="F0FC"/><w:br/><w:t>no</w:t><w:noBreakHyphen/><w:t>break</w:t><w:softHyphen/></w:r></w:p>
      <w:p><w:r><w:ruby><w:rt><w:r><w:t>kanji</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢字</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>`;
    const docir = await read({ body, related: [["site", "hyperlink", "https://a.test/"]] });
    assert.equal(docir.text, "Page 7 of 9\n\nSee the site and this\n\nα\t✓\nno\u2011break\n\n漢字");
    assert.deepEqual(
      docir.blocks[1]?.links?.map(({ span, target }) => [docir.text.slice(...span), target]),
      [
        ["the site", "https://a.test/"],
        ["this", "https://b.test/#x"],
      ],
    );
  });

  it("keeps hidden text apart, with its role", async () => {
    assert.deepEqual(
      await bodyOf(
        `<w:p>${run("Seen.")}${run("Unseen.", "<w:vanish/>")}${run(" Too.", '<w:vanish w:val="0"/>')}</w:p>`,
      ),
      [
        ["paragraph", "Seen. Too."],
        ["paragraph hidden", "Unseen."],
      ],
    );
  });

  it("reads each text box once, of the newer form of a drawing", async () => {
    const box = (text: string) => `<w:txbxContent>${paragraph(text)}</w:txbxContent>`;
    const drawing = `<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="1" name="Box"/><a:graphic><a:graphicData><wps:wsp><wps:txbx>${box("In the box")}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>${box("In the box")}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>`;
    const old = `<w:pict><v:shape alt="A chart"><v:textbox>${box("In the old box")}</v:textbox></v:shape></w:pict>`;
    assert.deepEqual(
      await bodyOf(`<w:p>${run("Before")}<w:r>${drawing}</w:r></w:p><w:p><w:r>${old}</w:r></w:p>`),
      [
        ["paragraph", "Before"],
        ["paragraph", "In the box"],
        ["image", "A chart"],
        ["paragraph", "In the old box"],
      ],
    );
  });

  it("reads pictures by their description, and warns of pictures without one", async () => {
    const picture = (description: string) =>
      `<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" ${description}/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="pump"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`;
    const related = [["pump", "image", "media/pump.png"]] as const;
    const docir = await read({ body: paragraph("a") + picture('descr="The pump"') + picture(""), related });
    assert.deepEqual(
      docir.blocks.map((block) => [block.type, textOf(docir, block), block.links?.[0]?.target]),
      [
        ["paragraph", "a", undefined],
        ["image", "The pump", "word/media/pump.png"],
      ],
    );
    assert.deepEqual(docir.warnings, [{ code: "image_without_description" }]);
    const scan = await read({ body: picture(""), related });
    assert.deepEqual(
      scan.blocks.map((block) => [block.type, textOf(scan, block), block.confidence, block.reasons]),
      [["image", "word/media/pump.png", 0.4, ["image_without_text"]]],
    );
  });

  it("reads equations as linear text", async () => {
    const r = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`;
    const fraction = `<m:f><m:num>${r("−b±")}<m:rad><m:deg/><m:e><m:sSup><m:e>${r("b")}</m:e><m:sup>${r("2")}</m:sup></m:sSup>${r("−4ac")}</m:e></m:rad></m:num><m:den>${r("2a")}</m:den></m:f>`;
    const sum = `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${r("i=1")}</m:sub><m:sup>${r("n")}</m:sup><m:e><m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>${r("i")}</m:e></m:d></m:e></m:nary>`;
    assert.deepEqual(
      await bodyOf(
        `<w:p><m:oMathPara><m:oMath>${r("x=")}${fraction}</m:oMath></m:oMathPara></w:p><w:p>${run("where ")}<m:oMath>${sum}</m:oMath></w:p>`,
      ),
      [
        ["formula", "x=(−b±√(b^2−4ac))/2a"],
        ["paragraph", "where ∑_(i=1)^n [i]"],
      ],
    );
  });
});

describe("tables of a Word document", () => {
  const cellsOf = (docir: DocIR, index = 0) =>
    docir.blocks[index]?.table?.cells.map(({ r, c, rs, cs, span }) => [
      r,
      c,
      rs,
      cs,
      docir.text.slice(...span),
    ]);

  it("merge cells over columns and rows, and fill short rows", async () => {
    const cell = (text: string, properties: string) => `<w:tcPr>${properties}</w:tcPr>${paragraph(text)}`;
    const body = table(
      [cell("wide", '<w:gridSpan w:val="2"/>'), paragraph("c")],
      [cell("tall", '<w:vMerge w:val="restart"/>'), paragraph("e") + paragraph("e2")],
      [cell("", "<w:vMerge/>"), paragraph("h"), paragraph("i")],
    );
    const docir = await read({ body });
    assert.deepEqual(cellsOf(docir), [
      [0, 0, 1, 2, "wide"],
      [0, 2, 1, 1, "c"],
      [1, 0, 2, 1, "tall"],
      [1, 1, 1, 1, "e\ne2"],
      [1, 2, 1, 1, ""],
      [2, 1, 1, 1, "h"],
      [2, 2, 1, 1, "i"],
    ]);
    assert.equal(docir.text, "wide\tc\ntall\te\ne2\t\nh\ti");
  });

  it("give tables inside their cells as tables of their own, below the outer one", async () => {
    const inner = table([paragraph("x"), paragraph("y")]);
    const docir = await read({ body: table([paragraph("a") + inner + paragraph("b"), paragraph("c")]) });
    assert.deepEqual(
      [cellsOf(docir, 0), cellsOf(docir, 1)],
      [
        [
          [0, 0, 1, 1, "a\nb"],
          [0, 1, 1, 1, "c"],
        ],
        [
          [0, 0, 1, 1, "x"],
          [0, 1, 1, 1, "y"],
        ],
      ],
    );
    assert.equal(docir.blocks[1]?.parent, docir.blocks[0]?.id);
  });

  it("know their header rows", async () => {
    const body = `<w:tbl><w:tblPr><w:tblLook w:val="0020"/></w:tblPr><w:tr><w:tc>${paragraph("h")}</w:tc></w:tr><w:tr><w:tc>${paragraph("1")}</w:tc></w:tr></w:tbl>`;
    const docir = await read({ body });
    assert.deepEqual(
      docir.blocks[0]?.table?.cells.map(({ header }) => header),
      [true, false],
    );
  });
});

describe("what stands beside the body of a Word document", () => {
  it("headers and footers come once each, before and after the body", async () => {
    const section = (extra = "") =>
      `<w:sectPr><w:headerReference w:type="default" r:id="header1"/><w:footerReference w:type="default" r:id="footer1"/><w:headerReference w:type="first" r:id="header2"/>${extra}</w:sectPr>`;
    const body = paragraph("One", section()) + paragraph("Two") + section();
    const furniture = {
      header1: paragraph("Harbour Trust"),
      header2: paragraph("Cover"),
      footer1: table([paragraph("Page"), paragraph("1")]),
    };
    assert.deepEqual(await blocksOf({ body, furniture }), [
      ["page_header", "Harbour Trust"],
      ["page_header hidden", "Cover"],
      ["paragraph", "One"],
      ["paragraph", "Two"],
      ["page_footer", "Page\t1"],
    ]);
    const shown = await blocksOf({ body: paragraph("One", section("<w:titlePg/>")) + section(), furniture });
    assert.deepEqual(shown[1], ["page_header", "Cover"]);
  });

  it("footnotes, endnotes and comments follow, with what they belong to as parent", async () => {
    const reference = (kind: string, id: number) => `<w:r><w:${kind}Reference w:id="${id}"/></w:r>`;
    const body = `<w:p>${run("First")}${reference("footnote", 3)}</w:p><w:p>${run("Second")}${reference("footnote", 2)}${reference("endnote", 1)}${reference("comment", 0)}</w:p>`;
    const note = (kind: string, id: number, text: string) =>
      `<w:${kind} w:id="${id}">${paragraph(text)}</w:${kind}>`;
    const docir = await read({
      body,
      footnotes: `<w:footnote w:type="separator" w:id="-1">${paragraph("---")}</w:footnote>${note("footnote", 2, "Note two")}${note("footnote", 3, "Note three")}`,
      endnotes: note("endnote", 1, "End"),
      comments: note("comment", 0, "Really?"),
    });
    assert.deepEqual(
      docir.blocks.map((block) => [
        block.type,
        block.marker,
        textOf(docir, block),
        docir.blocks.findIndex(({ id }) => id === block.parent),
      ]),
      [
        ["paragraph", undefined, "First[1]", -1],
        ["paragraph", undefined, "Second[2][1]", -1],
        ["footnote", "1", "Note three", 0],
        ["footnote", "2", "Note two", 1],
        ["footnote", "1", "End", 1],
        ["comment", undefined, "Really?", 1],
      ],
    );
  });
});

describe("the package of a Word document", () => {
  const simple = buildDocxParts({ body: styled("Heading1", "Head") + paragraph("Text."), styles: STYLES });

  it("may use the strict namespaces, other prefixes, and other places for its parts", async () => {
    const strict = Object.fromEntries(
      Object.entries(simple).map(([name, xml]) => [
        name
          .replace("word/document.xml", "deep/er/main.xml")
          .replace("word/_rels/document.xml", "deep/er/_rels/main.xml"),
        String(xml)
          .replaceAll(
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
          )
          .replaceAll(
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
          )
          .replace('Target="word/document.xml"', 'Target="/deep/er/main.xml"')
          .replace('Target="styles.xml"', 'Target="../../word/styles.xml"')
          .replace(/(<\/?|\s|xmlns:)w:/g, (_, before: string) => `${before}odd:`)
          .replaceAll("xmlns:w=", "xmlns:odd="),
      ]),
    );
    const { docir } = await assertInvariants(zipParts(strict), DOCX);
    assert.deepEqual(
      docir.blocks.map((block) => [block.type, textOf(docir, block)]),
      [
        ["heading", "Head"],
        ["paragraph", "Text."],
      ],
    );
  });

  it("may be UTF-16", async () => {
    const xml = String(simple["word/document.xml"]).replace("UTF-8", "UTF-16");
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${xml}`, "utf16le"));
    const { docir } = await assertInvariants(zipParts({ ...simple, "word/document.xml": utf16 }), DOCX);
    assert.equal(docir.text, "Head\n\nText.");
  });

  const failureOf = async (bytes: Uint8Array) => {
    try {
      await assertInvariants(bytes, DOCX);
      return null;
    } catch (error) {
      return error instanceof RunFailure ? error.code : error;
    }
  };

  it("is corrupt when it is cut off, damaged, or has another main part", async () => {
    const whole = zipParts(simple);
    assert.equal(await failureOf(whole.subarray(0, whole.length - 30)), "FAILED_CORRUPT");
    const damaged = Uint8Array.from(whole);
    damaged.fill(0x55, 700, 720);
    assert.equal(await failureOf(damaged), "FAILED_CORRUPT");
    for (const [from, to] of [
      ["<w:body>", "<w:body><w:p>"],
      ["<w:document", "<w:styles"],
      ["<w:document", "<!DOCTYPE a [<!ENTITY b 'c'>]><w:document"],
      ["Text.", "&b;"],
    ] as const) {
      const xml = String(simple["word/document.xml"])
        .replaceAll(from, to)
        .replaceAll(from.replace("<", "</"), to.replace("<", "</"));
      assert.equal(await failureOf(zipParts({ ...simple, "word/document.xml": xml })), "FAILED_CORRUPT", to);
    }
    const { "word/document.xml": _, ...headless } = simple;
    assert.equal(await failureOf(zipParts(headless)), "FAILED_CORRUPT");
  });

  it("is too large when it would unpack to too much, or is nested too deep", async () => {
    const bomb = withDeclaredSize(zipParts(simple), "word/document.xml", 200 * 1024 * 1024);
    assert.equal(await failureOf(bomb), "FAILED_TOO_LARGE");
    const deep = buildDocx({
      body: "<w:tbl><w:tr><w:tc>".repeat(5_000) + "</w:tc></w:tr></w:tbl>".repeat(5_000),
    });
    assert.equal(await failureOf(deep), "FAILED_TOO_LARGE");
    const skipped = buildDocx({ body: "<w:x>".repeat(5_000) + "</w:x>".repeat(5_000) });
    assert.equal(await failureOf(skipped), "FAILED_TOO_LARGE");
  });

  it("is corrupt when only the checksum of a part shows that it is damaged", async () => {
    const whole = Buffer.from(zipParts(simple));
    const inDirectory = whole.lastIndexOf("word/document.xml");
    whole.writeUInt32LE(1, inDirectory - 46 + 16);
    assert.equal(await failureOf(whole), "FAILED_CORRUPT");
  });

  it("is corrupt when a part unpacks to more or less than the archive declares", async () => {
    for (const size of [10, 100_000]) {
      const bytes = withDeclaredSize(zipParts(simple), "word/document.xml", size);
      assert.equal(await failureOf(bytes), "FAILED_CORRUPT");
    }
  });
});

/** The archive with another unpacked size of an entry in its directory. */
function withDeclaredSize(archive: Uint8Array, name: string, size: number): Uint8Array {
  const bytes = Buffer.from(archive);
  const inDirectory = bytes.lastIndexOf(name);
  bytes.writeUInt32LE(size, inDirectory - 46 + 24);
  return bytes;
}
