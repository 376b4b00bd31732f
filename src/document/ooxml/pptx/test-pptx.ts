/** Builds PowerPoint presentations for tests and for the corpus. */
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

const NAMESPACES = [
  'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"',
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
  'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"',
  `xmlns:r="${RELATIONSHIPS}"`,
].join(" ");

export type SlideParts = {
  /** The inside of `p:spTree`. */
  shapes: string;
  /** Attributes of `p:sld`. */
  attributes?: string;
  /** The inside of the `p:spTree` of its notes. */
  notes?: string;
  /** The inside of `p:cmLst`. */
  comments?: string;
  related?: readonly RelationshipRow[];
};

export type PptxParts = {
  /** In the order of their parts. */
  slides: readonly SlideParts[];
  /** The order of the presentation, as indices of `slides`. */
  order?: readonly number[];
  /** The insides of the `p:spTree` of the layout and the master. */
  layout?: string;
  master?: string;
  /** The inside of `p:txStyles`. */
  styles?: string;
  other?: Parts;
};

/** Bullets on the first two levels of content, none on titles. */
export const TEXT_STYLES =
  '<p:titleStyle><a:lvl1pPr><a:buNone/></a:lvl1pPr></p:titleStyle><p:bodyStyle><a:lvl1pPr><a:buFont typeface="Arial"/><a:buChar char="•"/></a:lvl1pPr><a:lvl2pPr><a:buChar char="–"/></a:lvl2pPr></p:bodyStyle><p:otherStyle/>';

export function buildPptxParts(presentation: PptxParts): Parts {
  const { slides, layout = "", master = "", styles = TEXT_STYLES, other = {} } = presentation;
  const order = presentation.order ?? slides.map((_, index) => index);
  const ids = order.map((index, at) => `<p:sldId id="${256 + at}" r:id="slide${index + 1}"/>`);
  const parts: Record<string, string | Uint8Array> = {
    "[Content_Types].xml": contentTypes(),
    "_rels/.rels": relationshipsXml([["rId1", "officeDocument", "ppt/presentation.xml"]]),
    "ppt/presentation.xml": root("presentation", `<p:sldIdLst>${ids.join("")}</p:sldIdLst>`),
    "ppt/_rels/presentation.xml.rels": relationshipsXml(
      slides.map((_, index) => [`slide${index + 1}`, "slide", `slides/slide${index + 1}.xml`]),
    ),
    "ppt/slideLayouts/slideLayout1.xml": root("sldLayout", tree(layout)),
    "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relationshipsXml([
      ["rId1", "slideMaster", "../slideMasters/slideMaster1.xml"],
    ]),
    "ppt/slideMasters/slideMaster1.xml": root(
      "sldMaster",
      `${tree(master)}<p:txStyles>${styles}</p:txStyles>`,
    ),
  };
  for (const [index, slide] of slides.entries()) addSlide(parts, index + 1, slide);
  return { ...parts, ...other };
}

function addSlide(parts: Record<string, string | Uint8Array>, number: number, slide: SlideParts): void {
  const rows: RelationshipRow[] = [["layout", "slideLayout", "../slideLayouts/slideLayout1.xml"]];
  parts[`ppt/slides/slide${number}.xml`] = root("sld", tree(slide.shapes), slide.attributes);
  if (slide.notes !== undefined) {
    parts[`ppt/notesSlides/notesSlide${number}.xml`] = root("notes", tree(slide.notes));
    rows.push(["notes", "notesSlide", `../notesSlides/notesSlide${number}.xml`]);
  }
  if (slide.comments !== undefined) {
    parts[`ppt/comments/comment${number}.xml`] = root("cmLst", slide.comments);
    rows.push(["comments", "comments", `../comments/comment${number}.xml`]);
  }
  parts[`ppt/slides/_rels/slide${number}.xml.rels`] = relationshipsXml([...rows, ...(slide.related ?? [])]);
}

export function buildPptx(presentation: PptxParts): Uint8Array {
  return zipParts(buildPptxParts(presentation));
}

function root(name: string, content: string, attributes = ""): string {
  return `${XML}<p:${name} ${NAMESPACES} ${attributes}>${content}</p:${name}>`;
}

function tree(shapes: string): string {
  return `<p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>`;
}

/** A shape that fills a placeholder, or with "" a text box. `inside` are its paragraphs. */
export function shape(placeholder: string, ...inside: readonly string[]): string {
  const ph = placeholder === "" ? "" : `<p:ph ${placeholder}/>`;
  return `<p:sp><p:nvSpPr><p:cNvPr id="2" name="Shape"/><p:cNvSpPr/><p:nvPr>${ph}</p:nvPr></p:nvSpPr><p:txBody><a:bodyPr/>${inside.join("")}</p:txBody></p:sp>`;
}

/** A paragraph of one run, with its level and the inside of its `a:pPr`. */
export function slideText(text: string, level = 0, properties = ""): string {
  return `<a:p><a:pPr lvl="${level}">${properties}</a:pPr><a:r><a:t>${escapeXml(text)}</a:t></a:r></a:p>`;
}

/** Cells as [text, attributes of `a:tc`]. */
export function slideTable(
  ...rows: readonly (readonly (readonly [text: string, attributes?: string])[])[]
): string {
  const cell = ([text, attributes = ""]: readonly [string, string?]) =>
    `<a:tc ${attributes}><a:txBody><a:p><a:r><a:t>${escapeXml(text)}</a:t></a:r></a:p></a:txBody></a:tc>`;
  const inside = rows.map((cells) => `<a:tr>${cells.map(cell).join("")}</a:tr>`).join("");
  return `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="3" name="Table"/></p:nvGraphicFramePr><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/>${inside}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
}
