import { RunFailure } from "../../../failure.ts";
import { libs } from "../../libs.ts";
import { NO_CHARSET, type ParsedDocument, type Reader } from "../../reader.ts";
import { type Draft, inlineFields, joinTexts, placeDrafts } from "../drafts.ts";
import { createMarkBudget, type MarkBudget } from "../inline-text.ts";
import { findRelated, OoxmlPackage, type Relationships } from "../package.ts";
import type { XmlFrame } from "../xml.ts";
import { readSlidePart, type SlidePart } from "./read-shapes.ts";
import { readTextBody, type SlideParagraph, type TextContext } from "./read-text.ts";
import { SlideBlocks } from "./slide-blocks.ts";

/** PowerPoint presentations (PresentationML, ECMA-376 and ISO 29500 strict). Version 1 of its recipe kept no marks. */
export const pptxReader: Reader = {
  recipe: { name: "jejakekal.pptx", version: "2", params: {}, libs: libs("fflate", "iconv-lite", "saxes") },
  read: ({ bytes, earlierVersion }) =>
    new Presentation(
      new OoxmlPackage(bytes),
      earlierVersion === undefined ? createMarkBudget() : null,
    ).read(),
};

class Presentation {
  readonly #ooxml: OoxmlPackage;
  /** Layouts and masters, which many slides share. */
  readonly #shared = new Map<string, SlidePart>();
  readonly #seenFooters = new Set<string>();
  readonly #marks: MarkBudget | null;

  constructor(ooxml: OoxmlPackage, marks: MarkBudget | null) {
    this.#ooxml = ooxml;
    this.#marks = marks;
  }

  read(): ParsedDocument {
    const drafts = this.#slideParts().flatMap((part, index) => this.#readSlide(part, index === 0));
    return { source: NO_CHARSET, ...placeDrafts(drafts, []) };
  }

  /** In the order of the presentation. */
  #slideParts(): string[] {
    const main = this.#ooxml.mainPart();
    const relationships = this.#ooxml.relationshipsOf(main);
    const parts: string[] = [];
    const readIds: XmlFrame = {
      open: ({ name, attributes }) => {
        const part = relationships.get(attributes["r:id"] ?? "")?.target;
        if (name === "p:sldId" && part !== undefined && this.#ooxml.has(part)) parts.push(part);
        return null;
      },
    };
    this.#ooxml.readPart(main, ({ name: root }) => {
      if (root !== "p:presentation") throw new RunFailure("FAILED_CORRUPT");
      return { open: ({ name }) => (name === "p:sldIdLst" ? readIds : null) };
    });
    return parts;
  }

  #readSlide(part: string, isFirst: boolean): Draft[] {
    const slide = readSlidePart(this.#ooxml, part, this.#marks);
    const layout = this.#readShared(slide.relationships, "slideLayout");
    const master = layout && this.#readShared(layout.relationships, "slideMaster");
    const diagrams = this.#readDiagrams(slide);
    const { drafts } = new SlideBlocks({ slide, layout, master, diagrams, isFirst }, this.#seenFooters);
    const heading = drafts.find(({ type }) => type === "heading" || type === "title");
    const all = [...drafts, ...this.#readNotes(slide, heading), ...this.#readComments(slide, heading)];
    if (slide.isHidden) for (const draft of all) draft.role = "hidden";
    return all;
  }

  #readShared(relationships: Relationships, type: string): SlidePart | undefined {
    const part = findRelated(this.#ooxml, relationships, type);
    if (part === undefined) return undefined;
    const known = this.#shared.get(part) ?? readSlidePart(this.#ooxml, part, this.#marks);
    this.#shared.set(part, known);
    return known;
  }

  /** The paragraphs of each diagram (SmartArt) of a slide, in the order of its data. */
  #readDiagrams({ shapes }: SlidePart): Map<string, SlideParagraph[]> {
    const diagrams = new Map<string, SlideParagraph[]>();
    const context: TextContext = { targetOf: () => "", marks: this.#marks };
    for (const { diagram } of shapes) {
      if (diagram === "" || !this.#ooxml.has(diagram)) continue;
      const paragraphs: SlideParagraph[] = [];
      const readPoints: XmlFrame = {
        open: ({ name }) =>
          name === "dgm:pt"
            ? {
                open: (child) =>
                  child.name === "dgm:t" ? readTextBody(paragraphs, new Map(), context) : null,
              }
            : null,
      };
      this.#ooxml.readPart(diagram, () => ({
        open: ({ name }) => (name === "dgm:ptLst" ? readPoints : null),
      }));
      diagrams.set(diagram, paragraphs);
    }
    return diagrams;
  }

  /** The speaker's notes as one block. */
  #readNotes({ relationships }: SlidePart, parent: Draft | undefined): Draft[] {
    const part = findRelated(this.#ooxml, relationships, "notesSlide");
    if (part === undefined) return [];
    const shapes = readSlidePart(this.#ooxml, part, this.#marks).shapes.filter(
      ({ placeholder }) => placeholder?.type === "body",
    );
    return shapes.flatMap(({ paragraphs, span }, index): Draft[] => {
      const { text, ...inline } = joinTexts(
        paragraphs.map(({ content }) => content),
        "\n",
      );
      if (text === "") return [];
      const src: Draft["src"] = [{ k: "ooxml", part, index, span }];
      return [{ type: "comment", text, ...inlineFields(inline), src, reasons: [], parent }];
    });
  }

  #readComments({ relationships }: SlidePart, parent: Draft | undefined): Draft[] {
    const part = findRelated(this.#ooxml, relationships, "comments");
    const drafts: Draft[] = [];
    if (part === undefined) return drafts;
    const readComment = (start: number): XmlFrame => {
      let text = "";
      return {
        open: ({ name }) =>
          name === "p:text"
            ? {
                text: (more) => {
                  text += more;
                },
              }
            : null,
        close: (end) => {
          const src: Draft["src"] = [{ k: "ooxml", part, index: drafts.length, span: [start, end] }];
          if (text.trim() !== "")
            drafts.push({ type: "comment", text: text.trim(), src, reasons: [], parent });
        },
      };
    };
    this.#ooxml.readPart(part, () => ({
      open: ({ name, start }) => (name === "p:cm" ? readComment(start) : null),
    }));
    return drafts;
  }
}
