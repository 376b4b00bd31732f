import type { SourceAnchor } from "../../schema.ts";
import { type Draft, inlineFields, joinTexts } from "../drafts.ts";
import { layOutGrid } from "../grid.ts";
import { formatListNumber } from "../list-number.ts";
import { decodeSymbol } from "../symbol-fonts.ts";
import type { Bullet } from "./bullets.ts";
import { findInheritedBullet, isTitle } from "./inherited-bullets.ts";
import type { Shape, SlidePart } from "./read-shapes.ts";
import type { SlideParagraph } from "./read-text.ts";

/** A slide with what it inherits from, and the text of its diagrams by part. */
export type Slide = Readonly<{
  slide: SlidePart;
  layout: SlidePart | undefined;
  master: SlidePart | undefined;
  diagrams: ReadonlyMap<string, readonly SlideParagraph[]>;
  isFirst: boolean;
}>;

/** What repeats on slides. The number of a slide is no text of its own. */
const FURNITURE = new Set(["dt", "ftr", "hdr"]);

/** The blocks of one slide: its title first, then its shapes in order. */
export class SlideBlocks {
  readonly drafts: Draft[] = [];
  readonly #slide: Slide;
  /** Footers that an earlier slide has shown. */
  readonly #seenFooters: Set<string>;
  #index = 0;

  constructor(slide: Slide, seenFooters: Set<string>) {
    this.#slide = slide;
    this.#seenFooters = seenFooters;
    const { shapes } = slide.slide;
    for (const shape of shapes.filter(({ placeholder }) => isTitle(placeholder))) this.#addTitle(shape);
    for (const shape of shapes.filter(({ placeholder }) => !isTitle(placeholder))) this.#addShape(shape);
  }

  #addTitle(shape: Shape): void {
    const { text, ...inline } = joinTexts(
      shape.paragraphs.map(({ content }) => content),
      "\n",
    );
    const isCover = this.#slide.isFirst && shape.placeholder?.type === "ctrTitle";
    if (text === "") return;
    this.drafts.push({
      ...(isCover ? { type: "title" } : { type: "heading", level: 1 }),
      text,
      ...inlineFields(inline),
      src: [this.#anchor(shape.span)],
      reasons: [],
    });
  }

  #addShape(shape: Shape): void {
    const type = shape.placeholder?.type ?? "";
    if (type === "sldNum") return;
    if (FURNITURE.has(type)) {
      this.#addFooter(shape);
      return;
    }
    this.#addParagraphs(shape);
    this.#addTable(shape);
    const diagram = this.#slide.diagrams.get(shape.diagram);
    if (diagram) this.#addDiagram(shape.diagram, diagram);
    if (shape.description !== "" && shape.paragraphs.length === 0) this.#addPicture(shape);
  }

  #addFooter(shape: Shape): void {
    const { text } = joinTexts(
      shape.paragraphs.map(({ content }) => content),
      "\n",
    );
    if (text === "" || this.#seenFooters.has(text)) return;
    this.#seenFooters.add(text);
    this.drafts.push({ type: "page_footer", text, src: [this.#anchor(shape.span)], reasons: [] });
  }

  #addParagraphs(shape: Shape): void {
    const counts: number[] = [];
    /** The last item of each level. */
    const items: (Draft | undefined)[] = [];
    for (const paragraph of shape.paragraphs) {
      const { content, level, isFormula } = paragraph;
      const bullet = this.#bulletOf(shape, paragraph);
      counts.length = Math.min(counts.length, level + 1);
      counts[level] = bullet.kind === "number" ? (counts[level] ?? bullet.start - 1) + 1 : 0;
      if (bullet.kind !== "number") counts.length = level;
      const draft: Draft = {
        ...(bullet.kind === "none"
          ? { type: isFormula ? "formula" : "paragraph" }
          : { type: "list_item", level: level + 1, marker: markerOf(bullet, counts[level] ?? 1) }),
        text: content.text,
        ...inlineFields(content),
        src: [this.#anchor(paragraph.span)],
        reasons: [],
      };
      items.length = Math.min(items.length, level);
      if (draft.type === "list_item") {
        draft.parent = items.findLast((item) => item !== undefined);
        items[level] = draft;
      }
      this.drafts.push(draft);
    }
  }

  #bulletOf(shape: Shape, { bullet, level }: SlideParagraph): Bullet {
    const { layout, master } = this.#slide;
    return bullet ?? findInheritedBullet(shape, level, layout, master);
  }

  #addTable({ table, span }: Shape): void {
    if (!table) return;
    const anchor = this.#anchor(span);
    const cells = table.cells.map(({ span: cellSpan, ...cell }) => ({
      ...cell,
      src: [{ ...anchor, span: cellSpan }],
    }));
    const { text, table: grid, ...inline } = layOutGrid(table.rows, table.cols, cells);
    if (text.trim() === "") return;
    this.drafts.push({
      type: "table",
      text,
      ...inlineFields(inline),
      src: [anchor],
      reasons: [],
      ...(grid ? { table: grid } : {}),
    });
  }

  #addDiagram(part: string, paragraphs: readonly SlideParagraph[]): void {
    for (const [index, { content, span }] of paragraphs.entries()) {
      const src: SourceAnchor = { k: "ooxml", part, index, span };
      this.drafts.push({
        type: "paragraph",
        text: content.text,
        ...inlineFields(content),
        src: [src],
        reasons: [],
      });
    }
  }

  #addPicture({ description, picture, span }: Shape): void {
    const draft: Draft = { type: "image", text: description, src: [this.#anchor(span)], reasons: [] };
    if (picture !== "") draft.links = [{ kind: "image", span: [0, description.length], target: picture }];
    this.drafts.push(draft);
  }

  #anchor(span: [number, number]): Extract<SourceAnchor, { k: "ooxml" }> {
    this.#index += 1;
    return { k: "ooxml", part: this.#slide.slide.part, index: this.#index - 1, span };
  }
}

function markerOf(bullet: Bullet, count: number): string {
  if (bullet.kind === "character") {
    const code = bullet.text.codePointAt(0) ?? 0x2022;
    return code <= 0xffff ? decodeSymbol(bullet.font, code) : bullet.text;
  }
  return bullet.kind === "number" ? formatByScheme(count, bullet.scheme) : "";
}

/** A number by a scheme such as "alphaLcParenR" (ST_TextAutonumberScheme). */
function formatByScheme(count: number, scheme: string): string {
  const [, name = "", punctuation = ""] = /^(.*?)(Period|ParenBoth|ParenR|Plain|Minus)?$/.exec(scheme) ?? [];
  const format = {
    alphaLc: "lowerLetter",
    alphaUc: "upperLetter",
    romanLc: "lowerRoman",
    romanUc: "upperRoman",
    circleNumDb: "decimalEnclosedCircle",
  }[name];
  const number = formatListNumber(count, format ?? "decimal");
  if (punctuation === "ParenBoth") return `(${number})`;
  return number + ({ Period: ".", ParenR: ")" }[punctuation] ?? "");
}
