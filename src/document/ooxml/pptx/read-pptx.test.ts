import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunFailure } from "../../../failure.ts";
import { buildDocIR, type DocIR, readersOfRecipe } from "../../index.ts";
import { assertInvariants, marksOf, textOf } from "../../test-kit.ts";
import { zipParts } from "../test-packages.ts";
import { buildPptx, buildPptxParts, type PptxParts, shape, slideTable, slideText } from "./test-pptx.ts";

const PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

async function read(parts: PptxParts): Promise<DocIR> {
  const { docir } = await assertInvariants(buildPptx(parts), PPTX);
  const xmlOf = buildPptxParts(parts);
  for (const anchor of docir.blocks.flatMap(({ src }) => src)) {
    assert.ok(anchor.k === "ooxml" && anchor.span);
    const xml = String(xmlOf[anchor.part]).slice(...anchor.span);
    assert.match(xml, /^<([\w:]+)[\s/>].*<\/\1>$/s, "an anchor is one element of its part");
  }
  return docir;
}

/** [type, text] of each block, with level, marker and role where there are any. */
async function blocksOf(parts: PptxParts) {
  const docir = await read(parts);
  return docir.blocks.map((block) => {
    const kind = [block.type, block.level, block.marker, block.role].filter((part) => part !== undefined);
    return [kind.join(" "), textOf(docir, block)];
  });
}

const slideOf = (...shapes: string[]) => blocksOf({ slides: [{ shapes: shapes.join("") }] });

describe("the slides of a presentation", () => {
  it("come in the order of the presentation, each under its title, hidden ones marked", async () => {
    const slides = [
      { shapes: shape('type="title"', slideText("Second")) },
      {
        shapes:
          shape('type="subTitle" idx="1"', slideText("A report", 0, "<a:buNone/>")) +
          shape('type="ctrTitle"', slideText("Sills & locks")),
      },
      { shapes: shape('type="title"', slideText("Secret")), attributes: 'show="0"' },
    ];
    assert.deepEqual(await blocksOf({ slides, order: [1, 0, 2] }), [
      ["title", "Sills & locks"],
      ["paragraph", "A report"],
      ["heading 1", "Second"],
      ["heading 1 hidden", "Secret"],
    ]);
  });

  it("have list items where the master, the layout, the shape or the paragraph sets a bullet", async () => {
    const none = "<a:lstStyle><a:lvl1pPr><a:buNone/></a:lvl1pPr></a:lstStyle>";
    const layout = shape('type="body" idx="13"', none) + shape('idx="1"', "<a:p/>");
    const content = shape(
      'idx="1"',
      slideText("one"),
      slideText("deeper", 1),
      slideText("deepest", 2),
      slideText("plain", 0, "<a:buNone/>"),
      slideText("tick", 0, '<a:buFont typeface="Wingdings"/><a:buChar char="ü"/>'),
    );
    const shapes = content + shape('type="body" idx="13"', slideText("aside")) + shape("", slideText("box"));
    assert.deepEqual(await blocksOf({ slides: [{ shapes }], layout }), [
      ["list_item 1 •", "one"],
      ["list_item 2 –", "deeper"],
      ["paragraph", "deepest"],
      ["paragraph", "plain"],
      ["list_item 1 ✓", "tick"],
      ["paragraph", "aside"],
      ["paragraph", "box"],
    ]);
  });

  it("count their numbered items by level", async () => {
    const numbered = (scheme: string, start = "") => `<a:buAutoNum type="${scheme}" ${start}/>`;
    const items = [
      slideText("a", 0, numbered("arabicPeriod", 'startAt="3"')),
      slideText("b", 1, numbered("alphaLcParenR")),
      slideText("c", 1, numbered("alphaLcParenR")),
      slideText("d", 0, numbered("arabicPeriod", 'startAt="3"')),
      slideText("e", 1, numbered("romanUcParenBoth")),
    ];
    assert.deepEqual(await slideOf(shape("", ...items)), [
      ["list_item 1 3.", "a"],
      ["list_item 2 a)", "b"],
      ["list_item 2 b)", "c"],
      ["list_item 1 4.", "d"],
      ["list_item 2 (I)", "e"],
    ]);
  });

  it("have tables with merged cells", async () => {
    const docir = await read({
      slides: [
        {
          shapes: slideTable(
            [["wide", 'gridSpan="2"'], ["", 'hMerge="1"'], ["c"]],
            [["tall", 'rowSpan="2"'], ["e"], ["f"]],
            [["", 'vMerge="1"'], ["h"]],
          ),
        },
      ],
    });
    assert.deepEqual(
      docir.blocks[0]?.table?.cells.map(({ r, c, rs, cs, header, span }) => [
        r,
        c,
        rs,
        cs,
        header,
        docir.text.slice(...span),
      ]),
      [
        [0, 0, 1, 2, true, "wide"],
        [0, 2, 1, 1, true, "c"],
        [1, 0, 2, 1, false, "tall"],
        [1, 1, 1, 1, false, "e"],
        [1, 2, 1, 1, false, "f"],
        [2, 1, 1, 1, false, "h"],
        [2, 2, 1, 1, false, ""],
      ],
    );
  });

  it("have the text of groups, links, breaks, fields and diagrams, and pictures by their description", async () => {
    const link = `<a:p><a:r><a:t>See </a:t></a:r><a:r><a:rPr><a:hlinkClick r:id="site"/></a:rPr><a:t>the site</a:t></a:r><a:br/><a:fld><a:t>7</a:t></a:fld></a:p>`;
    const picture = `<p:pic><p:nvPicPr><p:cNvPr id="4" name="Picture" descr="The pump"/></p:nvPicPr><p:blipFill><a:blip r:embed="pump"/></p:blipFill></p:pic>`;
    const diagram = `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="5" name="D"/></p:nvGraphicFramePr><a:graphic><a:graphicData><dgm:relIds r:dm="data"/></a:graphicData></a:graphic></p:graphicFrame>`;
    const data = `<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt><dgm:t><a:bodyPr/><a:p><a:r><a:t>First step</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>`;
    const docir = await read({
      slides: [
        {
          shapes: `<p:grpSp>${shape("", link)}${picture}</p:grpSp>${diagram}`,
          related: [
            ["site", "hyperlink", "https://a.test/"],
            ["pump", "image", "../media/pump.png"],
            ["data", "diagramData", "../diagrams/data1.xml"],
          ],
        },
      ],
      other: { "ppt/diagrams/data1.xml": data },
    });
    assert.deepEqual(
      docir.blocks.map((block) => [
        block.type,
        textOf(docir, block),
        block.links?.map(({ span, target }) => [docir.text.slice(...span), target]),
      ]),
      [
        ["paragraph", "See the site\n7", [["the site", "https://a.test/"]]],
        ["image", "The pump", [["The pump", "ppt/media/pump.png"]]],
        ["paragraph", "First step", undefined],
      ],
    );
  });

  it("have the marks of their runs, also in tables, only not in the first version of the recipe", async () => {
    const marked = (text: string, attributes: string) =>
      `<a:r><a:rPr ${attributes}/><a:t>${text}</a:t></a:r>`;
    const inside = `<a:p>${marked("b ", 'b="1"')}${marked("both", 'b="1" i="true"')}${marked(" c", 'b="0" strike="noStrike"')}${marked("old", 'strike="sngStrike"')}</a:p>`;
    const cells = slideTable([["x"], ["y"]]).replace(/(<a:r>)(<a:t>y)/, '$1<a:rPr i="1"/>$2');
    const parts = { slides: [{ shapes: shape("", inside) + cells }] };
    const marks = ["strong b both", "emphasis both", "strikethrough old", "emphasis y"];
    assert.deepEqual(marksOf(await read(parts)), marks);
    const readers = readersOfRecipe({ name: "jejakekal.pptx", version: "1" });
    const earlier = await buildDocIR({ bytes: buildPptx(parts), mediaType: PPTX, readers });
    assert.deepEqual(marksOf(earlier), []);
  });

  it("show footers once, and no numbers of slides; notes and comments belong to their slide", async () => {
    const slide = (title: string) =>
      shape('type="title"', slideText(title)) +
      shape('type="ftr" idx="11"', slideText("Harbour Trust")) +
      shape('type="sldNum" idx="12"', slideText("7"));
    const slides = [
      {
        shapes: slide("One"),
        notes:
          shape('type="sldImg"') +
          shape('type="body" idx="1"', slideText("Say this."), slideText("And that.")),
      },
      { shapes: slide("Two"), comments: '<p:cm authorId="0"><p:text>Really?</p:text></p:cm>' },
    ];
    const docir = await read({ slides });
    assert.deepEqual(
      docir.blocks.map((block) => [
        block.type,
        textOf(docir, block),
        docir.blocks.findIndex(({ id }) => id === block.parent),
      ]),
      [
        ["heading", "One", -1],
        ["page_footer", "Harbour Trust", 0],
        ["comment", "Say this.\nAnd that.", 0],
        ["heading", "Two", -1],
        ["comment", "Really?", 3],
      ],
    );
  });
});

describe("a package that holds no presentation", () => {
  it("is corrupt", async () => {
    const parts = buildPptxParts({ slides: [] });
    const bytes = zipParts({
      ...parts,
      "ppt/presentation.xml": String(parts["ppt/presentation.xml"]).replaceAll("p:presentation", "p:sld"),
    });
    await assert.rejects(
      assertInvariants(bytes, PPTX),
      (error) => error instanceof RunFailure && error.code === "FAILED_CORRUPT",
    );
  });
});
