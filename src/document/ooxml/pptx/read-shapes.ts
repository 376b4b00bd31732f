import type { MarkBudget } from "../inline-text.ts";
import type { OoxmlPackage, Relationships } from "../package.ts";
import { passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import { isOn } from "../xml-values.ts";
import { type Bullet, type LevelBullets, readLevelBullets } from "./bullets.ts";
import { readTable, type SlideTable } from "./read-table.ts";
import { readTextBody, type SlideParagraph, type TextContext } from "./read-text.ts";

/** The place of a layout that a shape fills. */
export type Placeholder = Readonly<{ type: string; index: string }>;

/** What a slide, layout, master or notes page shows, in the order of its shape tree, groups opened. */
export type Shape = Readonly<{
  placeholder: Placeholder | null;
  /** Alternative text. */
  description: string;
  /** In the decoded part. */
  span: [number, number];
  /** The picture's part, "" for any other shape. */
  picture: string;
  /** The part with the text of a diagram (SmartArt), "" for any other shape. */
  diagram: string;
  paragraphs: readonly SlideParagraph[];
  bullets: LevelBullets;
  table: SlideTable | null;
}>;

export type SlidePart = Readonly<{
  part: string;
  shapes: readonly Shape[];
  isHidden: boolean;
  relationships: Relationships;
  /** The text styles of a master, by "title", "body" and "other". */
  styles: ReadonlyMap<string, LevelBullets>;
}>;

const TEXT_STYLES: Readonly<Record<string, string>> = {
  "p:titleStyle": "title",
  "p:bodyStyle": "body",
  "p:otherStyle": "other",
};

export function readSlidePart(ooxml: OoxmlPackage, part: string, marks: MarkBudget | null): SlidePart {
  const relationships = ooxml.relationshipsOf(part);
  const context: TextContext = { targetOf: (id) => relationships.get(id ?? "")?.target ?? "", marks };
  const shapes: Shape[] = [];
  const styles = new Map<string, LevelBullets>();
  let isHidden = false;
  const readStyles: XmlFrame = {
    open: ({ name }) => {
      const bullets = new Map<number, Bullet>();
      const style = TEXT_STYLES[name];
      if (style === undefined) return null;
      styles.set(style, bullets);
      return readLevelBullets(bullets);
    },
  };
  const readTree: XmlFrame = {
    open: (element) => {
      if (element.name === "p:grpSp") return passThrough(readTree);
      return SHAPES.has(element.name) ? readShape(element, context, shapes) : null;
    },
  };
  ooxml.readPart(part, ({ attributes }) => {
    isHidden = !isOn(attributes.show);
    return {
      open: ({ name }) => {
        if (name === "p:txStyles") return readStyles;
        return name === "p:cSld" ? { open: (child) => (child.name === "p:spTree" ? readTree : null) } : null;
      },
    };
  });
  return { part, shapes, isHidden, relationships, styles };
}

const SHAPES = new Set(["p:sp", "p:pic", "p:graphicFrame", "p:cxnSp"]);

function readShape({ start }: XmlElement, context: TextContext, shapes: Shape[]): XmlFrame {
  let placeholder: Placeholder | null = null;
  let description = "";
  let picture = "";
  let diagram = "";
  let table: SlideTable | null = null;
  const paragraphs: SlideParagraph[] = [];
  const bullets = new Map<number, Bullet>();
  const inside: XmlFrame = {
    open: ({ name, attributes }) => {
      switch (name) {
        case "p:ph":
          placeholder = { type: attributes.type ?? "obj", index: attributes.idx ?? "0" };
          return null;
        case "p:cNvPr":
          description = (attributes.descr ?? "").toWellFormed().trim();
          return null;
        case "p:txBody":
          return readTextBody(paragraphs, bullets, context);
        case "a:blip":
          picture ||= context.targetOf(attributes["r:embed"]);
          return null;
        case "dgm:relIds":
          diagram = context.targetOf(attributes["r:dm"]);
          return null;
        case "a:tbl":
          return readTable(context, (found) => {
            table = found;
          });
        default:
          return inside;
      }
    },
  };
  return {
    ...inside,
    close: (end) => {
      shapes.push({
        placeholder,
        description,
        span: [start, end],
        picture,
        diagram,
        paragraphs,
        bullets,
        table,
      });
    },
  };
}
