/** Builds Word documents for tests and for the corpus. */
import {
  contentTypes,
  escapeXml,
  type Parts,
  RELATIONSHIPS,
  type RelationshipRow,
  relationshipsXml,
  XML,
  zipParts,
} from "../test-packages.ts";

const WORD_NAMESPACES = [
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"',
  `xmlns:r="${RELATIONSHIPS}"`,
  'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"',
  'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
  'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"',
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
  'xmlns:v="urn:schemas-microsoft-com:vml"',
].join(" ");

/** The root element of a part of a Word document around its content. */
export function wordXml(root: string, content: string): string {
  return `${XML}<w:${root} ${WORD_NAMESPACES}>${content}</w:${root}>`;
}

/** The parts of a Word document: the inside of `w:body`, and other parts by their root element. */
export type DocxParts = {
  body: string;
  styles?: string;
  numbering?: string;
  footnotes?: string;
  endnotes?: string;
  comments?: string;
  settings?: string;
  /** Parts named `header1`, `footer1` and so on, with the relationship id of the same name. */
  furniture?: Readonly<Record<string, string>>;
  /** More relationships of the document. */
  related?: readonly RelationshipRow[];
  /** Any other part. */
  other?: Parts;
};

const ROOTS = ["styles", "numbering", "footnotes", "endnotes", "comments", "settings"] as const;

export function buildDocxParts({
  body,
  furniture = {},
  related = [],
  other = {},
  ...content
}: DocxParts): Parts {
  const parts: Record<string, string | Uint8Array> = { "[Content_Types].xml": contentTypes() };
  const rows: RelationshipRow[] = [...related];
  for (const name of ROOTS) {
    const inside = content[name];
    if (inside === undefined) continue;
    parts[`word/${name}.xml`] = wordXml(name, inside);
    rows.push([`id_${name}`, name, `${name}.xml`]);
  }
  for (const [name, inside] of Object.entries(furniture)) {
    const type = name.replace(/\d+$/, "");
    parts[`word/${name}.xml`] = wordXml(type === "header" ? "hdr" : "ftr", inside);
    rows.push([name, type, `${name}.xml`]);
  }
  parts["word/document.xml"] = wordXml("document", `<w:body>${body}</w:body>`);
  parts["word/_rels/document.xml.rels"] = relationshipsXml(rows);
  parts["_rels/.rels"] = relationshipsXml([["rId1", "officeDocument", "word/document.xml"]]);
  return { ...parts, ...other };
}

export function buildDocx(parts: DocxParts): Uint8Array {
  return zipParts(buildDocxParts(parts));
}

/** A paragraph of one run, with the inside of its `w:pPr`. */
export function paragraph(text: string, properties = ""): string {
  return `<w:p>${properties === "" ? "" : `<w:pPr>${properties}</w:pPr>`}${run(text)}</w:p>`;
}

export function styled(style: string, text: string): string {
  return paragraph(text, `<w:pStyle w:val="${style}"/>`);
}

export function listItem(text: string, numId: number, level = 0): string {
  return paragraph(text, `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${numId}"/></w:numPr>`);
}

export function run(text: string, properties = ""): string {
  const formats = properties === "" ? "" : `<w:rPr>${properties}</w:rPr>`;
  return `<w:r>${formats}<w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r>`;
}

/** A table of rows of cells, each cell the XML of its content. */
export function table(...rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) =>
    `<w:tr>${cells.map((cell) => `<w:tc>${cell}</w:tc>`).join("")}</w:tr>`;
  return `<w:tbl>${rows.map(row).join("")}</w:tbl>`;
}

const HEADING_STYLES = [1, 2, 3].map(
  (level) =>
    `<w:style w:type="paragraph" w:styleId="Heading${level}"><w:name w:val="heading ${level}"/><w:basedOn w:val="Normal"/><w:pPr><w:outlineLvl w:val="${level - 1}"/></w:pPr></w:style>`,
);

/** Normal, Title, Subtitle, three headings, Caption, Quote and styles for two lists. */
export const STYLES = [
  '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/></w:style>',
  ...HEADING_STYLES,
  '<w:style w:type="paragraph" w:styleId="Caption"><w:name w:val="caption"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="Quote"><w:name w:val="Quote"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>',
].join("");

/** Levels of an abstract list as [format, text]. */
export function abstractList(
  id: number,
  levels: readonly (readonly [format: string, text: string])[],
): string {
  const inside = levels.map(
    ([format, text], index) =>
      `<w:lvl w:ilvl="${index}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`,
  );
  return `<w:abstractNum w:abstractNumId="${id}">${inside.join("")}</w:abstractNum>`;
}

export function list(numId: number, abstractId: number, overrides = ""): string {
  return `<w:num w:numId="${numId}"><w:abstractNumId w:val="${abstractId}"/>${overrides}</w:num>`;
}

/** List 1 has bullets, list 2 numbers. */
export const NUMBERING = [
  abstractList(0, [
    ["bullet", "\uf0b7"],
    ["bullet", "o"],
  ]),
  abstractList(1, [
    ["decimal", "%1."],
    ["lowerLetter", "%2)"],
    ["lowerRoman", "%1.%3"],
  ]),
  list(1, 0),
  list(2, 1),
].join("");
