/** Builds Excel workbooks for tests and for the corpus. */
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

const NAMESPACES = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${RELATIONSHIPS}"`;

export type SheetParts = {
  name: string;
  /** Attributes of its entry in the workbook, such as a hidden state. */
  entry?: string;
  /** The inside of `x:sheetData`. */
  rows: string;
  /** What follows it in the sheet. */
  after?: string;
  related?: readonly RelationshipRow[];
  /** The inside of `x:commentList`. */
  comments?: string;
};

export type XlsxParts = {
  sheets: readonly SheetParts[];
  /** Insides of `x:si`. */
  strings?: readonly string[];
  /** Format codes; the style of the nth is n + 1, style 0 has none. A number is a built-in format. */
  formats?: readonly (string | number)[];
  is1904?: boolean;
};

export function buildXlsxParts({ sheets, strings, formats, is1904 }: XlsxParts): Parts {
  const parts: Record<string, string> = {
    "[Content_Types].xml": contentTypes(),
    "_rels/.rels": relationshipsXml([["rId1", "officeDocument", "xl/workbook.xml"]]),
  };
  const rows: RelationshipRow[] = [];
  const entries = sheets.map((sheet, index) => {
    const id = `sheet${index + 1}`;
    parts[`xl/worksheets/${id}.xml`] = root(
      "worksheet",
      `<sheetData>${sheet.rows}</sheetData>${sheet.after ?? ""}`,
    );
    rows.push([id, "worksheet", `worksheets/${id}.xml`]);
    const related = [...(sheet.related ?? [])];
    if (sheet.comments !== undefined) {
      parts[`xl/comments${index + 1}.xml`] = root("comments", `<commentList>${sheet.comments}</commentList>`);
      related.push(["comments", "comments", `../comments${index + 1}.xml`]);
    }
    if (related.length > 0) parts[`xl/worksheets/_rels/${id}.xml.rels`] = relationshipsXml(related);
    return `<sheet name="${escapeXml(sheet.name)}" sheetId="${index + 1}" r:id="${id}" ${sheet.entry ?? ""}/>`;
  });
  if (strings) {
    parts["xl/sharedStrings.xml"] = root("sst", strings.map((inside) => `<si>${inside}</si>`).join(""));
    rows.push(["strings", "sharedStrings", "sharedStrings.xml"]);
  }
  if (formats) {
    parts["xl/styles.xml"] = root("styleSheet", stylesInside(formats));
    rows.push(["styles", "styles", "styles.xml"]);
  }
  const properties = is1904 ? '<workbookPr date1904="1"/>' : "";
  parts["xl/workbook.xml"] = root("workbook", `${properties}<sheets>${entries.join("")}</sheets>`);
  parts["xl/_rels/workbook.xml.rels"] = relationshipsXml(rows);
  return parts;
}

export function buildXlsx(parts: XlsxParts): Uint8Array {
  return zipParts(buildXlsxParts(parts));
}

function root(name: string, content: string): string {
  return `${XML}<${name} ${NAMESPACES}>${content}</${name}>`;
}

function stylesInside(formats: readonly (string | number)[]): string {
  const codes = formats.flatMap((format, index) =>
    typeof format === "number"
      ? []
      : [`<numFmt numFmtId="${164 + index}" formatCode="${escapeXml(format)}"/>`],
  );
  const styles = formats.map(
    (format, index) => `<xf numFmtId="${typeof format === "number" ? format : 164 + index}"/>`,
  );
  return `<numFmts>${codes.join("")}</numFmts><cellXfs><xf numFmtId="0"/>${styles.join("")}</cellXfs>`;
}

export function row(number: number, ...cells: readonly string[]): string {
  return `<row r="${number}">${cells.join("")}</row>`;
}

/** A cell with a number. */
export function number(reference: string, value: number | string, style = 0): string {
  return `<c r="${reference}" s="${style}"><v>${value}</v></c>`;
}

/** A cell with a text of its own. */
export function inline(reference: string, text: string): string {
  return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

/** A cell of another type, such as a shared string. */
export function typed(reference: string, type: string, value: string | number): string {
  return `<c r="${reference}" t="${type}"><v>${value}</v></c>`;
}

export function formula(reference: string, text: string, value: string | number, attributes = ""): string {
  return `<c r="${reference}"><f ${attributes}>${escapeXml(text)}</f><v>${value}</v></c>`;
}
