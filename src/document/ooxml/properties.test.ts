import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Failure, RunFailure } from "../../failure.ts";
import { checkProperty } from "../../testing/property.ts";
import type { DocIR } from "../schema.ts";
import { assertInvariants } from "../test-kit.ts";
import {
  buildDocx,
  buildDocxParts,
  listItem,
  NUMBERING,
  paragraph,
  run,
  STYLES,
  styled,
  table,
} from "./docx/test-docx.ts";
import { buildPptx, buildPptxParts, shape, slideTable, slideText } from "./pptx/test-pptx.ts";
import { type Parts, zipParts } from "./test-packages.ts";
import { formatReference } from "./xlsx/cell-reference.ts";
import { buildXlsx, buildXlsxParts, inline, number, row } from "./xlsx/test-xlsx.ts";

const OFFICE = "application/vnd.openxmlformats-officedocument";
const DOCX = `${OFFICE}.wordprocessingml.document`;
const XLSX = `${OFFICE}.spreadsheetml.sheet`;
const PPTX = `${OFFICE}.presentationml.presentation`;

/** Words that occur nowhere else, so that each can be looked for. "#" is replaced by a number for each document. */
const WORD = fc.constantFrom("shown#", "gezeigt# é", "見# 漢字", "مرحبا#", "👩‍👩‍👧#", "a<b>&#");

/** The XML with a number of its own for each word. */
function numbered(xml: string): string {
  let count = 0;
  return xml.replaceAll("#", () => {
    count += 1;
    return `n${count}n`;
  });
}

function tokensOf(text: string): string[] {
  return text.match(/n\d+n/g) ?? [];
}

/** A document shows all of its numbers once, in the order of its source but for what is moved by its kind. */
function assertShows(docir: DocIR, xml: string): void {
  assert.deepEqual(tokensOf(docir.text).sort(), tokensOf(xml).sort());
}

const PARAGRAPH = fc.oneof(
  WORD.map((word) => paragraph(word)),
  WORD.map((word) => styled("Heading2", word)),
  fc.tuple(WORD, fc.nat(2)).map(([word, level]) => listItem(word, 2, level)),
  fc.tuple(WORD, WORD).map(([word, hidden]) => `<w:p>${run(word)}${run(hidden, "<w:vanish/>")}</w:p>`),
  fc
    .tuple(WORD, WORD)
    .map(([word, link]) => `<w:p>${run(word)}<w:hyperlink w:anchor="x">${run(link)}</w:hyperlink></w:p>`),
  WORD.map((word) => `<w:p><w:del>${run("deleted")}</w:del><w:ins>${run(word)}</w:ins></w:p>`),
  WORD.map((word) => paragraph(word, "<w:rPr><w:del/></w:rPr>")),
);

const { body: BODY } = fc.letrec<{ body: string; block: string; table: string }>((tie) => ({
  body: fc.array(tie("block"), { minLength: 1, maxLength: 3 }).map((blocks) => blocks.join("")),
  block: fc.oneof({ maxDepth: 2 }, PARAGRAPH, tie("table")),
  table: fc
    .array(fc.array(fc.tuple(tie("body"), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 2,
    })
    .map((rows) =>
      table(
        ...rows.map((cells) =>
          cells.map(([body, span]) => `<w:tcPr><w:gridSpan w:val="${span}"/></w:tcPr>${body}`),
        ),
      ),
    ),
}));

const CELLS = fc.array(
  fc.record({ row: fc.nat(12), column: fc.nat(12), text: fc.oneof(WORD, fc.integer()) }),
  { maxLength: 60 },
);

describe("any Office document", () => {
  it("of Word shows each of its words once", async () => {
    await checkProperty(BODY, { runs: 150, seed: 11 }, async (body) => {
      const parts = { body: numbered(body), styles: STYLES, numbering: NUMBERING };
      const { docir } = await assertInvariants(buildDocx(parts), DOCX);
      assertShows(docir, parts.body);
    });
  });

  it("of Excel shows each cell under its reference", async () => {
    await checkProperty(CELLS, { runs: 150, seed: 12 }, async (cells) => {
      const byReference = new Map(cells.map(({ text, ...place }) => [formatReference(place), text]));
      const xml = [...byReference].map(([reference, text]) =>
        typeof text === "number" ? number(reference, text) : inline(reference, text),
      );
      const bytes = buildXlsx({ sheets: [{ name: "S", rows: row(1, ...xml) }] });
      const { docir } = await assertInvariants(bytes, XLSX);
      const shown = new Map<string, string>();
      for (const block of docir.blocks) {
        for (const { src, span } of block.table?.cells ?? [block]) {
          const [anchor] = src ?? [];
          if (anchor?.k === "cell") shown.set(anchor.ref, docir.text.slice(...span));
        }
      }
      assert.deepEqual(
        [...shown].sort(),
        [...byReference].map(([reference, text]) => [reference, String(text)]).sort(),
      );
    });
  });

  it("of PowerPoint shows each of its words once", async () => {
    const text = fc.tuple(WORD, fc.nat(3)).map(([word, level]) => slideText(word, level));
    const slide = fc
      .tuple(WORD, fc.array(text, { maxLength: 4 }), fc.array(WORD, { minLength: 1, maxLength: 3 }))
      .map(([title, items, cells]) => ({
        shapes:
          shape('type="title"', slideText(title)) +
          shape('idx="1"', ...items) +
          slideTable(cells.map((cell) => [cell])),
      }));
    await checkProperty(fc.array(slide, { maxLength: 4 }), { runs: 60, seed: 13 }, async (slides) => {
      let count = 0;
      const unique = slides.map(({ shapes }) => {
        count += 1;
        return { shapes: numbered(shapes).replace(/n(\d+)n/g, `n${count}0000$1n`) };
      });
      const { docir } = await assertInvariants(buildPptx({ slides: unique }), PPTX);
      assertShows(docir, unique.map(({ shapes }) => shapes).join(""));
    });
  });
});

const SAMPLES: readonly (readonly [mediaType: string, parts: Parts, mainPart: string])[] = [
  [
    DOCX,
    buildDocxParts({
      body: styled("Heading1", "Head") + listItem("item", 2) + table([paragraph("a"), paragraph("b")]),
      styles: STYLES,
      numbering: NUMBERING,
    }),
    "word/document.xml",
  ],
  [
    XLSX,
    buildXlsxParts({
      sheets: [{ name: "S", rows: row(1, number("A1", 1), inline("B1", "b")) }],
      strings: ["<t>a</t>"],
      formats: [14],
    }),
    "xl/worksheets/sheet1.xml",
  ],
  [
    PPTX,
    buildPptxParts({
      slides: [{ shapes: shape('type="title"', slideText("One")) + slideTable([["a"], ["b"]]) }],
    }),
    "ppt/slides/slide1.xml",
  ],
];

/** A result that is sound, or a failure with a code of its own. Returns whether it is a result. */
async function assertResultOrFailure(bytes: Uint8Array, mediaType: string): Promise<boolean> {
  try {
    await assertInvariants(bytes, mediaType);
    return true;
  } catch (error) {
    if (error instanceof Failure) assert.equal(error.code, "unsupported_media_type");
    else if (error instanceof RunFailure) assert.match(error.code, /^FAILED_(CORRUPT|TOO_LARGE|ENCRYPTED)$/);
    else throw error;
    return false;
  }
}

/** Names and attributes that the readers know, in any combination. */
const VOCABULARY = {
  elements:
    "w:p w:r w:t w:tbl w:tr w:tc w:tcPr w:pPr w:rPr w:gridSpan w:vMerge w:fldChar w:instrText w:hyperlink w:del w:ins w:sdt w:sdtContent w:sym w:sectPr w:drawing w:txbxContent wp:docPr mc:AlternateContent mc:Choice mc:Fallback m:oMath m:f m:num m:t w:numPr w:numId w:ilvl w:outlineLvl x:sheetData x:row x:c x:v x:f x:is x:t x:mergeCells x:mergeCell x:hyperlinks x:hyperlink p:cSld p:spTree p:sp p:pic p:txBody p:ph a:p a:r a:t a:pPr a:tbl a:tr a:tc a:txBody a:buAutoNum a:lstStyle a:lvl1pPr p:nvPr",
  attributes:
    "w:val w:id w:char w:font w:fldCharType w:type r:id ref r t s si idx type lvl gridSpan rowSpan hMerge vMerge startAt descr w:instr w:anchor",
  values:
    "0 1 2 -1 99999999999 begin separate end restart F0B7 A1 B2:C9 XFD1048576 s b e n str shared x body title 1e309 NaN",
};

const pick = (words: string) => fc.constantFrom(...words.split(" "));

const { tree: TREE } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "large", withCrossShrink: true },
    WORD.map((word) => word.replaceAll("&", "&amp;").replaceAll("<", "&lt;")),
    fc
      .tuple(
        pick(VOCABULARY.elements),
        fc.uniqueArray(fc.tuple(pick(VOCABULARY.attributes), pick(VOCABULARY.values)), {
          maxLength: 3,
          selector: ([name]) => name,
        }),
        fc.array(tie("tree"), { maxLength: 5 }),
      )
      .map(([name, attributes, children]) => {
        const pairs = attributes.map(([key, value]) => ` ${key}="${value}"`).join("");
        return `<${name}${pairs}>${children.join("")}</${name}>`;
      }),
  ),
}));

const NAMESPACES = [
  ["w", "wordprocessingml/2006/main"],
  ["x", "spreadsheetml/2006/main"],
  ["p", "presentationml/2006/main"],
  ["a", "drawingml/2006/main"],
  ["m", "officeDocument/2006/math"],
  ["r", "officeDocument/2006/relationships"],
  ["mc", "markup-compatibility/2006"],
  ["wp", "drawingml/2006/wordprocessingDrawing"],
].map(([prefix, path]) => ` xmlns:${prefix}="http://schemas.openxmlformats.org/${path}"`);

const ROOTS: Readonly<Record<string, readonly [root: string, inside: string]>> = {
  [DOCX]: ["w:document", "w:body"],
  [XLSX]: ["x:worksheet", "x:sheetData"],
  [PPTX]: ["p:sld", "p:cSld"],
};

describe("a package that is no proper document", () => {
  for (const [mediaType, parts, mainPart] of SAMPLES) {
    const name = mediaType.split(".").at(-2);

    it(`of ${name} gives a result or a failure for elements in any order`, async () => {
      const [root = "", inside = ""] = ROOTS[mediaType] ?? [];
      let results = 0;
      await checkProperty(fc.array(TREE, { maxLength: 8 }), { runs: 150, seed: 21 }, async (trees) => {
        const xml = `<${root}${NAMESPACES.join("")}><${inside}>${trees.join("")}</${inside}>${trees.join("")}</${root}>`;
        if (await assertResultOrFailure(zipParts({ ...parts, [mainPart]: xml }), mediaType)) results += 1;
      });
      assert.ok(results > 100, "well-formed XML is read");
    });

    it(`of ${name} gives a result or a failure for bytes that are changed or cut off`, async () => {
      const whole = zipParts(parts);
      const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
      const changes = fc.tuple(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(whole.length)),
      );
      await checkProperty(changes, { runs: 300, seed: 22 }, async ([edits, length]) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, byte] of edits) bytes[at] = byte;
        await assertResultOrFailure(bytes.subarray(0, length ?? bytes.length), mediaType);
      });
    });

    it(`of ${name} gives a result or a failure for XML that is changed`, async () => {
      const xml = String(parts[mainPart]);
      const change = fc.tuple(
        fc.nat(xml.length),
        fc.nat(20),
        fc.constantFrom("", "<", ">", "&", "\0", '"', "</w:p>", "<w:p>", "]]>"),
      );
      await checkProperty(change, { runs: 200, seed: 23 }, async ([at, length, inserted]) => {
        const changed = xml.slice(0, at) + inserted + xml.slice(at + length);
        await assertResultOrFailure(zipParts({ ...parts, [mainPart]: changed }), mediaType);
      });
    });
  }
});
