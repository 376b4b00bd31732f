import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildDocIR, type DocIR, readersOfRecipe } from "../../index.ts";
import { assertInvariants, marksOf, textOf } from "../../test-kit.ts";
import { buildDocx, type DocxParts, paragraph, run, STYLES, styled, table } from "./test-docx.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const CHARACTER_STYLES = [
  ["Strong", "Strong", "<w:b/>"],
  ["Loud", "Loud", '<w:basedOn w:val="Strong"/>'],
  ["Emphasis", "Emphasis", "<w:i/>"],
  ["VerbatimChar", "Verbatim Char", ""],
  ["Code2", "HTML Code", ""],
  ["Zip", "Postcode", ""],
]
  .map(([id, name, inside = ""]) => {
    const format = inside.startsWith("<w:basedOn") ? inside : `<w:rPr>${inside}</w:rPr>`;
    return `<w:style w:type="character" w:styleId="${id}"><w:name w:val="${name}"/>${format}</w:style>`;
  })
  .join("");
const BOLD_HEADING =
  '<w:style w:type="paragraph" w:styleId="Head"><w:name w:val="heading 1"/><w:rPr><w:b/></w:rPr></w:style>' +
  '<w:style w:type="paragraph" w:styleId="SourceCode"><w:name w:val="Source Code"/></w:style>';

async function read(parts: DocxParts): Promise<DocIR> {
  const styles = STYLES + CHARACTER_STYLES + BOLD_HEADING;
  return (await assertInvariants(buildDocx({ styles, ...parts }), DOCX)).docir;
}

const marksIn = async (...runs: string[]) => marksOf(await read({ body: `<w:p>${runs.join("")}</w:p>` }));

const styledRun = (style: string, text: string, more = "") =>
  run(text, `<w:rStyle w:val="${style}"/>${more}`);

const note = (kind: string, id: number, inside: string) => `<w:${kind} w:id="${id}">${inside}</w:${kind}>`;
const reference = (kind: string, id: number, more = "") =>
  `<w:r>${more}<w:${kind}Reference w:id="${id}"/></w:r>`;

describe("the marks of a Word document", () => {
  it("are what runs say of themselves; runs that touch are one mark, without the blanks at its ends", async () => {
    assert.deepEqual(
      await marksIn(
        run("a "),
        run("bold ", "<w:b/>"),
        run("both ", "<w:b/><w:i/>"),
        run("plain", '<w:b w:val="0"/>'),
        run(" ", "<w:i/>"),
        run("gone", "<w:strike/>"),
        run("twice", '<w:dstrike/><w:strike w:val="false"/>'),
      ),
      ["strong bold both", "emphasis both", "strikethrough gonetwice"],
    );
  });

  it("are what character styles say, by what they are based on, unless the run says otherwise; code is a style's name", async () => {
    assert.deepEqual(
      await marksIn(
        styledRun("Strong", "a"),
        run("-"),
        styledRun("Loud", "b"),
        run("-"),
        styledRun("Emphasis", "c"),
        styledRun("Strong", "d", '<w:b w:val="0"/>'),
        styledRun("VerbatimChar", "e"),
        run("-"),
        styledRun("Code2", "f"),
        styledRun("Zip", "g"),
      ),
      ["strong a", "strong b", "emphasis c", "code e", "code f"],
    );
  });

  it("leave out what the style of the whole paragraph says, and blocks of code", async () => {
    const inPart = (style: string) =>
      `<w:p><w:pPr><w:pStyle w:val="${style}"/></w:pPr>${run("Head", "<w:b/>")}${run(" line", "<w:b/><w:i/>")}</w:p>`;
    assert.deepEqual(marksOf(await read({ body: inPart("Head") + inPart("SourceCode") })), ["emphasis line"]);
  });

  it("lie in cells, notes and typed items, at their words", async () => {
    const cell = (text: string) => `<w:p>${run("in ")}${run(text, "<w:b/>")}</w:p>`;
    const docir = await read({
      body:
        table([cell("a"), cell("b")], [cell("c"), cell("d")]) +
        ["• ", "• "].map((bullet) => `<w:p>${run(bullet, "<w:b/>")}${cell("e").slice(5)}`).join("") +
        `<w:p>${run("See")}${reference("footnote", 1)}</w:p>`,
      footnotes: note("footnote", 1, cell("f")),
    });
    assert.deepEqual(marksOf(docir), [
      "strong a",
      "strong b",
      "strong c",
      "strong d",
      "strong e",
      "strong e",
      "footnote_reference [1] (1) in f",
      "strong f",
    ]);
  });

  it("name the notes by the order of their references, and by the signs that the writer chose", async () => {
    const body = `<w:p>${run("One")}${reference("footnote", 7)}${run(", two")}${reference("endnote", 1)}</w:p>
      <w:p>${run("Three")}<w:r><w:footnoteReference w:customMarkFollows="1" w:id="9"/><w:t>*</w:t></w:r>${run(" four")}${reference("footnote", 8)}${reference("footnote", 404)}</w:p>`;
    const docir = await read({
      body,
      footnotes: [7, 8, 9].map((id) => note("footnote", id, paragraph(`Foot ${id}`))).join(""),
      endnotes: note("endnote", 1, paragraph("End")),
    });
    assert.deepEqual(
      docir.blocks.map((block) => textOf(docir, block)),
      ["One[1], two[1]", "Three* four[2][3]", "Foot 7", "Foot 9", "Foot 8", "End"],
    );
    assert.deepEqual(
      docir.blocks.flatMap(({ type, marker }) => (type === "footnote" ? [marker] : [])),
      ["1", "*", "2", "1"],
    );
    assert.deepEqual(marksOf(docir), [
      "footnote_reference [1] (1) Foot 7",
      "footnote_reference [1] (1) End",
      "footnote_reference * (*) Foot 9",
      "footnote_reference [2] (2) Foot 8",
      "footnote_reference [3] (3) -",
    ]);
  });

  it("are not in what earlier versions of the recipe read", async () => {
    const bytes = buildDocx({
      body: `<w:p>${run("a", "<w:b/>")}${reference("footnote", 1)}</w:p>${styled("Heading1", "b")}`,
      footnotes: note("footnote", 1, paragraph("Note")),
      styles: STYLES,
    });
    for (const version of ["1", "2"]) {
      const readers = readersOfRecipe({ name: "jejakekal.docx", version });
      const { text, blocks } = await buildDocIR({ bytes, mediaType: DOCX, readers });
      assert.equal(text, "a\n\nb\n\nNote");
      assert.ok(blocks.every(({ marks }) => marks === undefined));
    }
  });

  it("take the whole sign of a note, of whatever it is made, and none from a run that has no text", async () => {
    const signed = (id: number, inside: string) =>
      `<w:r><w:footnoteReference w:customMarkFollows="1" w:id="${id}"/>${inside}</w:r>`;
    const docir = await read({
      body: `<w:p>${run("a")}${signed(1, '<w:t>*</w:t><w:sym w:font="" w:char="2020"/>')}${run(" b")}${signed(2, "")}${run(" c")}${signed(3, '<w:sym w:font="" w:char="D83D"/>')}</w:p>`,
      footnotes: [1, 2, 3].map((id) => note("footnote", id, paragraph(`Foot ${id}`))).join(""),
    });
    assert.deepEqual(marksOf(docir), [
      "footnote_reference *† (*†) Foot 1",
      "footnote_reference \ufffd (\ufffd) Foot 3",
    ]);
    assert.deepEqual(
      docir.blocks.map(({ marker }) => marker),
      [undefined, "*†", undefined, "\ufffd"],
    );
  });

  it("leave the sign of a note in the text of its run for earlier versions, which take its type into account", async () => {
    const sign = '<w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t>';
    const bytes = buildDocx({
      body: `<w:p>${run("Bold line", "<w:b/>")}<w:r>${sign}</w:r></w:p><w:p>${run("a")}<w:r><w:rPr><w:vanish/></w:rPr>${sign}</w:r></w:p>${paragraph("b")}${paragraph("c")}`,
    });
    const typesBy = async (version: string) => {
      const readers = readersOfRecipe({ name: "jejakekal.docx", version });
      const docir = await buildDocIR({ bytes, mediaType: DOCX, readers });
      return docir.blocks.map((block) => [block.type, textOf(docir, block), block.role ?? ""]);
    };
    assert.deepEqual((await typesBy("2")).slice(0, 3), [
      ["paragraph", "Bold line*", ""],
      ["paragraph", "a", ""],
      ["paragraph", "*", "hidden"],
    ]);
    assert.deepEqual((await typesBy("3"))[0], ["heading", "Bold line*", ""]);
  });

  it("are no more than a document keeps", async () => {
    const runs = `${run("a", "<w:b/>")}${run("b")}`.repeat(30_000);
    const bytes = buildDocx({ body: `<w:p>${runs}</w:p>`.repeat(4) });
    const { blocks, warnings } = await buildDocIR({ bytes, mediaType: DOCX });
    assert.deepEqual(
      blocks.map(({ marks }) => marks?.length),
      [30_000, 30_000, 30_000, 10_000],
    );
    assert.deepEqual(warnings, [{ code: "marks_left_out" }]);
  });
});
