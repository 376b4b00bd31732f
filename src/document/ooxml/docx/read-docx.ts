import { RunFailure } from "../../../failure.ts";
import { libs } from "../../libs.ts";
import { NO_CHARSET, type ParsedDocument, type Reader } from "../../reader.ts";
import { type Draft, type DraftWarning, inlineFields, placeDrafts } from "../drafts.ts";
import { findRelated, OoxmlPackage, type Relationships } from "../package.ts";
import type { XmlElement, XmlFrame } from "../xml.ts";
import { isOn } from "../xml-values.ts";
import { DocxBlocks } from "./blocks.ts";
import type { Content, PartContext, Section } from "./content.ts";
import { plainTextOf } from "./lay-out-table.ts";
import { Marking } from "./marking.ts";
import type { NoteKind } from "./notes.ts";
import { Numbering } from "./numbering.ts";
import { createStoryReader } from "./read-story.ts";
import { Styles } from "./styles.ts";
import { markTypedStructure } from "./typed-structure.ts";

/**
 * Word documents (WordprocessingML, ECMA-376 and ISO 29500 strict). Version 2 of its recipe kept no marks, and version 1 found no
 * headings and lists without a style or a numbering.
 */
export const docxReader: Reader = {
  recipe: { name: "jejakekal.docx", version: "3", params: {}, libs: libs("fflate", "iconv-lite", "saxes") },
  read: ({ bytes, earlierVersion }) => {
    const rules = earlierVersion === undefined ? 3 : earlierVersion === "2" ? 2 : 1;
    return new DocxDocument(new OoxmlPackage(bytes), rules).read();
  },
};

/** 1: only what styles and numbering say; 2: also headings and lists that are typed; 3: also marks, and the signs of notes in the text. */
type DocxRules = 1 | 2 | 3;

class DocxDocument {
  readonly #ooxml: OoxmlPackage;
  readonly #main: string;
  readonly #relationships: Relationships;
  readonly #sections: Section[] = [];
  readonly #warnings: DraftWarning[] = [];
  readonly #blocks: DocxBlocks;
  readonly #rules: DocxRules;
  readonly #marking: Marking | null;

  constructor(ooxml: OoxmlPackage, rules: DocxRules) {
    this.#ooxml = ooxml;
    this.#rules = rules;
    this.#main = ooxml.mainPart();
    this.#relationships = ooxml.relationshipsOf(this.#main);
    const styles = new Styles(ooxml, this.#find("styles"));
    const numbering = new Numbering(ooxml, this.#find("numbering"), styles);
    this.#marking = rules > 2 ? new Marking(styles) : null;
    this.#blocks = new DocxBlocks(this.#main, styles, numbering);
  }

  read(): ParsedDocument {
    this.#readBody();
    if (this.#rules > 1) markTypedStructure(this.#blocks);
    const { headers, footers } = this.#readHeadersAndFooters();
    const { drafts, undescribed, warnings } = this.#blocks;
    const notes = [...this.#readNotes("footnote"), ...this.#readNotes("endnote")];
    const all = [...headers, ...drafts, ...footers, ...notes, ...this.#readComments()];
    if (undescribed.length > 0) this.#warnings.push({ code: "image_without_description" });
    return {
      source: NO_CHARSET,
      ...placeDrafts(all.length > 0 ? all : undescribed.map(asDoubtful), [...warnings, ...this.#warnings]),
    };
  }

  #find(type: string): string | undefined {
    return findRelated(this.#ooxml, this.#relationships, type);
  }

  #contextOf(part: string, relationships: Relationships): PartContext {
    const context: PartContext = {
      part,
      targetOf: (id) => relationships.get(id ?? "")?.target ?? "",
      onSection: (section) => this.#sections.push(section),
      marking: this.#marking,
      readStory: (content, onEnd) => createStoryReader(context, content, onEnd),
    };
    return context;
  }

  #readBody(): void {
    const context = this.#contextOf(this.#main, this.#relationships);
    this.#ooxml.readPart(this.#main, ({ name }) => {
      if (name !== "w:document") throw new RunFailure("FAILED_CORRUPT");
      return {
        open: ({ name: child }) => (child === "w:body" ? createStoryReader(context, this.#blocks) : null),
      };
    });
  }

  /** Each header and footer once, in the order of the sections; one that no page shows is hidden. */
  #readHeadersAndFooters(): { headers: Draft[]; footers: Draft[] } {
    const hasEvenPages = this.#hasEvenPages();
    const isShownByPart = new Map<string, { kind: "header" | "footer"; isShown: boolean }>();
    for (const { references, hasFirstPage } of this.#sections) {
      for (const { kind, type, id } of references) {
        const part = this.#relationships.get(id)?.target;
        if (part === undefined || !this.#ooxml.has(part)) continue;
        const isShown = type === "first" ? hasFirstPage : type === "even" ? hasEvenPages : true;
        isShownByPart.set(part, { kind, isShown: isShown || (isShownByPart.get(part)?.isShown ?? false) });
      }
    }
    const found = { headers: [] as Draft[], footers: [] as Draft[] };
    for (const [part, { kind, isShown }] of isShownByPart) {
      const type = kind === "header" ? "page_header" : "page_footer";
      const drafts = this.#readFurniture(part, type);
      found[`${kind}s`].push(
        ...drafts.map((draft): Draft => (isShown ? draft : { ...draft, role: "hidden" })),
      );
    }
    return found;
  }

  #hasEvenPages(): boolean {
    const part = this.#find("settings");
    let hasEvenPages = false;
    if (part === undefined) return false;
    this.#ooxml.readPart(part, () => ({
      open: ({ name, attributes }) => {
        if (name === "w:evenAndOddHeaders") hasEvenPages = isOn(attributes["w:val"]);
        return null;
      },
    }));
    return hasEvenPages;
  }

  #readFurniture(part: string, type: "page_header" | "page_footer"): Draft[] {
    const content: Content[] = [];
    const context = this.#contextOf(part, this.#ooxml.relationshipsOf(part));
    this.#ooxml.readPart(part, () => createStoryReader(context, content));
    return content.flatMap((item, index): Draft[] => {
      const { text, ...inline } = plainTextOf([item]);
      const src: Draft["src"] = [{ k: "ooxml", part, index, span: item.span }];
      return text === "" ? [] : [{ type, text, ...inlineFields(inline), src, reasons: [] }];
    });
  }

  /** In the order of their references, each with its number or sign as marker and its place in the text as parent. */
  #readNotes(kind: NoteKind): Draft[] {
    const stories = this.#readStories(this.#find(`${kind}s`), `w:${kind}`);
    const references = this.#blocks.notes.filter(({ note }) => note.kind === kind);
    const drafts: Draft[] = [];
    const readById = new Map<string, Draft>();
    for (const [index, { note, draft: parent }] of references.entries()) {
      const story = stories.get(note.id);
      stories.delete(note.id);
      const marker = this.#marking === null ? String(index + 1) : note.label;
      const draft: Draft | undefined = story
        ? { ...story, type: "footnote", ...(marker === "" ? {} : { marker }), parent }
        : readById.get(note.id);
      if (draft === undefined) continue;
      note.draft = draft;
      readById.set(note.id, draft);
      if (story) drafts.push(draft);
    }
    return drafts;
  }

  /** Each with the block that it is about as parent. */
  #readComments(): Draft[] {
    const stories = this.#readStories(this.#find("comments"), "w:comment");
    return [...stories].map(([id, story]) => ({
      ...story,
      type: "comment",
      parent: this.#blocks.comments.get(id)?.draft,
    }));
  }

  /** The notes or comments of a part by id, without the lines that separate notes from the text. */
  #readStories(part: string | undefined, element: string): Map<string, Omit<Draft, "type">> {
    const stories = new Map<string, Omit<Draft, "type">>();
    if (part === undefined) return stories;
    const context = this.#contextOf(part, this.#ooxml.relationshipsOf(part));
    let index = 0;
    const readOne = ({ name, attributes, start }: XmlElement): XmlFrame | null => {
      const isNote = attributes["w:type"] === undefined || attributes["w:type"] === "normal";
      if (name !== element || !isNote) return null;
      const content: Content[] = [];
      return createStoryReader(context, content, (end) => {
        const { text, ...inline } = plainTextOf(content);
        const src: Draft["src"] = [{ k: "ooxml", part, index, span: [start, end] }];
        index += 1;
        if (text !== "") {
          stories.set(attributes["w:id"] ?? "", { text, ...inlineFields(inline), src, reasons: [] });
        }
      });
    };
    this.#ooxml.readPart(part, () => ({ open: readOne }));
    return stories;
  }
}

/** A picture that stands for a document without text: its name is all that can be shown of it. */
function asDoubtful(draft: Draft): Draft {
  return { ...draft, reasons: ["image_without_text"] };
}
