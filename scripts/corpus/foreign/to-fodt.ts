import type { Cell, List } from "../model.ts";
import type { Source, SourcePart } from "./source.ts";

const NAMES = {
  office: "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
  style: "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
  text: "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
  table: "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
  draw: "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
  fo: "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
  svg: "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
};

/** A source as a flat OpenDocument text, which LibreOffice prints and converts. */
export function toFodt({ columns, parts, furniture, fontSize = 10 }: Source): string {
  const spaces = Object.entries(NAMES).map(([prefix, name]) => `xmlns:${prefix}="${name}"`);
  const front = parts.filter(({ kind }) => FRONT.has(kind));
  const rest = parts.filter(({ kind }) => !FRONT.has(kind));
  const body = rest.map((part) => partOf(part, parts)).join("\n");
  const section =
    columns === 2 ? `<text:section text:style-name="Two" text:name="Body">${body}</text:section>` : body;
  return `<?xml version="1.0" encoding="UTF-8"?>
<office:document ${spaces.join(" ")} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles>${stylesOf(fontSize)}</office:styles>
<office:automatic-styles>${AUTOMATIC}</office:automatic-styles>
<office:master-styles>
<style:master-page style:name="Standard" style:page-layout-name="Upright">${furnitureOf(furniture)}</style:master-page>
<style:master-page style:name="Turned" style:page-layout-name="Wide">${furnitureOf(furniture)}</style:master-page>
</office:master-styles>
<office:body><office:text>${front.map((part) => partOf(part, parts)).join("\n")}${section}</office:text></office:body></office:document>`;
}

const FRONT = new Set<SourcePart["kind"]>(["title", "byline", "abstract"]);

function stylesOf(size: number): string {
  const paragraph = (name: string, text: string, paragraph = "", more = "") =>
    `<style:style style:name="${name}" style:family="paragraph" style:class="text" ${more}><style:paragraph-properties ${paragraph}/><style:text-properties ${text}/></style:style>`;
  const heading = (level: number, points: number) =>
    paragraph(
      `Heading_20_${level}`,
      `fo:font-size="${points}pt" fo:font-weight="bold"`,
      'fo:margin-top="12pt" fo:margin-bottom="5pt" fo:keep-with-next="always"',
      `style:display-name="Heading ${level}" style:parent-style-name="Standard" style:default-outline-level="${level}"`,
    );
  return [
    paragraph(
      "Standard",
      `style:font-name="DejaVu Serif" fo:font-family="'DejaVu Serif'" fo:font-size="${size}pt" fo:language="en" fo:country="GB"`,
    ),
    paragraph(
      "Text_20_body",
      "",
      'fo:margin-bottom="6pt" fo:text-align="justify"',
      'style:display-name="Text body" style:parent-style-name="Standard"',
    ),
    paragraph(
      "Title",
      'fo:font-size="18pt" fo:font-weight="bold"',
      'fo:text-align="center" fo:margin-bottom="8pt"',
      'style:parent-style-name="Standard"',
    ),
    heading(1, size + 4),
    heading(2, size + 2),
    heading(3, size),
    paragraph(
      "Caption",
      `fo:font-size="${size - 1}pt" fo:font-style="italic"`,
      'fo:margin-top="5pt" fo:margin-bottom="5pt"',
      'style:parent-style-name="Standard"',
    ),
    paragraph("Footnote", `fo:font-size="${size - 2}pt"`, "", 'style:parent-style-name="Standard"'),
  ].join("\n");
}

const AUTOMATIC = `
<style:style style:name="Centred" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:text-align="center" fo:margin-bottom="6pt"/></style:style>
<style:style style:name="Contents" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties><style:tab-stops><style:tab-stop style:position="16cm" style:type="right" style:leader-style="dotted" style:leader-text="."/></style:tab-stops></style:paragraph-properties></style:style>
<style:style style:name="NewPage" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:break-after="page"/></style:style>
<style:style style:name="WideStart" style:family="paragraph" style:parent-style-name="Caption" style:master-page-name="Turned"/>
<style:style style:name="WideEnd" style:family="paragraph" style:parent-style-name="Standard" style:master-page-name="Standard"/>
<style:style style:name="Line" style:family="text"><style:text-properties style:text-underline-style="solid" style:text-underline-width="auto" style:text-underline-color="font-color"/></style:style>
<style:style style:name="Bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Two" style:family="section"><style:section-properties><style:columns fo:column-count="2" fo:column-gap="0.7cm"/></style:section-properties></style:style>
<style:style style:name="grid" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="2pt"/></style:style>
<style:style style:name="bookHead" style:family="table-cell"><style:table-cell-properties fo:border-top="1pt solid #000000" fo:border-bottom="0.5pt solid #000000" fo:padding="2pt"/></style:style>
<style:style style:name="bookLast" style:family="table-cell"><style:table-cell-properties fo:border-bottom="1pt solid #000000" fo:padding="2pt"/></style:style>
<style:style style:name="none" style:family="table-cell"><style:table-cell-properties fo:padding="2pt"/></style:style>
<text:list-style style:name="Bullets">${levelsOf(false)}</text:list-style>
<text:list-style style:name="Numbers">${levelsOf(true)}</text:list-style>
<style:page-layout style:name="Upright"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"/><style:header-style><style:header-footer-properties fo:min-height="0.8cm" fo:margin-bottom="0.4cm"/></style:header-style><style:footer-style><style:header-footer-properties fo:min-height="0.8cm" fo:margin-top="0.4cm"/></style:footer-style></style:page-layout>
<style:page-layout style:name="Wide"><style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape" fo:margin="2cm"/><style:header-style><style:header-footer-properties fo:min-height="0.8cm"/></style:header-style><style:footer-style><style:header-footer-properties fo:min-height="0.8cm"/></style:footer-style></style:page-layout>`;

function levelsOf(isOrdered: boolean): string {
  return [1, 2, 3]
    .map((level) => {
      const place = `<style:list-level-properties text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment text:label-followed-by="listtab" fo:text-indent="-0.6cm" fo:margin-left="${0.6 * level + 0.4}cm"/></style:list-level-properties>`;
      return isOrdered
        ? `<text:list-level-style-number text:level="${level}" style:num-format="${level === 1 ? "1" : "a"}" style:num-suffix=".">${place}</text:list-level-style-number>`
        : `<text:list-level-style-bullet text:level="${level}" text:bullet-char="${level === 1 ? "•" : "–"}">${place}</text:list-level-style-bullet>`;
    })
    .join("");
}

function furnitureOf(furniture: Source["furniture"]): string {
  return furniture
    ? `<style:header><text:p>${escaped(furniture.header)}</text:p></style:header><style:footer><text:p>${escaped(furniture.footer)} <text:page-number/></text:p></style:footer>`
    : "<style:footer><text:p><text:page-number/></text:p></style:footer>";
}

const styled = (name: string, content: string) => `<text:p text:style-name="${name}">${content}</text:p>`;

let notes = 0;

function partOf(part: SourcePart, parts: readonly SourcePart[]): string {
  switch (part.kind) {
    case "title":
      return styled("Title", escaped(part.text));
    case "byline":
      return styled("Centred", escaped(part.text));
    case "abstract":
      return headingOf(1, "Abstract") + styled("Text_20_body", escaped(part.text));
    case "contents":
      return `${headingOf(1, "Contents")}${parts.flatMap((other) => (other.kind === "heading" ? [styled("Contents", `${escaped(other.text)}<text:tab/>3`)] : [])).join("")}${styled("NewPage", "")}`;
    case "pageBreak":
      return styled("NewPage", "");
    case "heading":
      return headingOf(part.level, part.text);
    case "paragraph":
      return styled("Text_20_body", escaped(part.text) + (part.note ? noteOf(part.note) : ""));
    case "list":
      return listOf(part, part.ordered ? "Numbers" : "Bullets");
    case "table":
      return `${part.caption === undefined ? "" : styled("Caption", escaped(part.caption))}${tableOf(part.rows, part.rules)}${styled("Standard", "")}`;
    case "wideTable":
      return `${styled("WideStart", escaped(part.caption))}${tableOf(part.rows, "grid")}${styled("WideEnd", "")}`;
    case "figure":
      return `${styled("Standard", '<draw:rect svg:width="5cm" svg:height="2cm" text:anchor-type="as-char"/>')}${styled("Caption", escaped(part.caption))}`;
    case "equation":
      return styled("Centred", escaped(part.tex));
    case "references":
      return `${headingOf(1, "References")}${part.items.map((item, index) => styled("Standard", `[${index + 1}] ${escaped(item)}`)).join("")}`;
    case "fields":
      return part.look === "lines"
        ? part.fields
            .map(([label, value]) =>
              styled(
                "Text_20_body",
                `${escaped(label)} <text:span text:style-name="Line">${escaped(value)}<text:s text:c="20"/></text:span>`,
              ),
            )
            .join("")
        : part.fields
            .map(
              ([label, value]) => styled("Standard", escaped(label)) + tableOf([[{ text: value }]], "grid"),
            )
            .join("");
    case "choices":
      return styled(
        "Text_20_body",
        `${escaped(part.label)} ${part.choices.map(([text, isChosen]) => `${isChosen ? "☒" : "☐"} ${escaped(text)}`).join("   ")}`,
      );
  }
}

function headingOf(level: number, text: string): string {
  return `<text:h text:style-name="Heading_20_${level}" text:outline-level="${level}">${escaped(text)}</text:h>`;
}

function noteOf(text: string): string {
  notes += 1;
  return `<text:note text:id="n${notes}" text:note-class="footnote"><text:note-citation>${notes}</text:note-citation><text:note-body>${styled("Footnote", escaped(text))}</text:note-body></text:note>`;
}

function listOf({ items }: List, style: string): string {
  const inner = items.map(
    ({ text, children }) =>
      `<text:list-item>${styled("Standard", escaped(text))}${children ? listOf(children, style) : ""}</text:list-item>`,
  );
  return `<text:list text:style-name="${style}">${inner.join("")}</text:list>`;
}

function tableOf(rows: readonly (readonly Cell[])[], rules: "grid" | "book" | "none"): string {
  const cols = Math.max(...rows.map((row) => row.reduce((sum, { cs = 1 }) => sum + cs, 0)));
  const body = rows.map((row, r) => {
    const style =
      rules !== "book" ? rules : r === 0 ? "bookHead" : r === rows.length - 1 ? "bookLast" : "none";
    const cells = row.map(({ text, cs = 1, header }) => {
      const content = header
        ? `<text:span text:style-name="Bold">${escaped(text)}</text:span>`
        : escaped(text);
      const span = cs > 1 ? ` table:number-columns-spanned="${cs}"` : "";
      return `<table:table-cell table:style-name="${style}"${span}>${styled("Standard", content)}</table:table-cell>${"<table:covered-table-cell/>".repeat(cs - 1)}`;
    });
    return `<table:table-row>${cells.join("")}</table:table-row>`;
  });
  return `<table:table><table:table-column table:number-columns-repeated="${cols}"/>${body.join("")}</table:table>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
