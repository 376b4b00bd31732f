/** Builds packages for tests and for the corpus from the XML of their parts. */
import { strToU8, type Zippable, zipSync } from "fflate";

/** Parts by name; text is encoded as UTF-8. */
export type Parts = Readonly<Record<string, string | Uint8Array>>;

export const RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
export const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The same parts give the same bytes. */
export function zipParts(parts: Parts): Uint8Array {
  const entries = Object.entries(parts).map(([name, content]): [string, Zippable[string]] => [
    name,
    [typeof content === "string" ? strToU8(content) : content, { mtime: "1980-01-01T00:00:00", level: 6 }],
  ]);
  return zipSync(Object.fromEntries(entries));
}

/** `[id, type, target]`; a target with a scheme is external. */
export type RelationshipRow = readonly [id: string, type: string, target: string];

export function relationshipsXml(rows: readonly RelationshipRow[]): string {
  const elements = rows.map(([id, type, target]) => {
    const mode = /^[a-z]+:/.test(target) ? ' TargetMode="External"' : "";
    return `<Relationship Id="${id}" Type="${RELATIONSHIPS}/${type}" Target="${escapeXml(target)}"${mode}/>`;
  });
  return `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${elements.join("")}</Relationships>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export function contentTypes(): string {
  return `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>`;
}
