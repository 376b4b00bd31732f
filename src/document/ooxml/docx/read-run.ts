import { decodeSymbol, decodeSymbols } from "../symbol-fonts.ts";
import { collectText, passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import { isOn } from "../xml-values.ts";
import type { Paragraph, PartContext } from "./content.ts";
import type { NoteKind, NoteReference } from "./notes.ts";
import { createRunFormat, type RunFormat, readRunFormat } from "./styles.ts";

/** Characters that have elements of their own. A soft hyphen shows only where a line breaks, so it is not text. */
const CHARACTER_BY_ELEMENT: Readonly<Record<string, string>> = {
  "w:tab": "\t",
  "w:ptab": "\t",
  "w:br": "\n",
  "w:cr": "\n",
  "w:noBreakHyphen": "\u2011",
};

/** The paragraph that a run belongs to, as far as its runs add to it. */
export type RunParent = XmlFrame &
  Pick<Paragraph, "pictures" | "textBoxes" | "notes" | "comments"> & {
    readonly context: PartContext;
    addText(text: string, isHidden: boolean, format: RunFormat): void;
    addNote(kind: NoteKind, id: string, hasOwnSign: boolean): NoteReference;
    addNoteSign(note: NoteReference, text: string, isHidden: boolean): void;
    addInstruction(text: string): void;
    /** `type` is that of `w:fldChar`: begin, separate or end. */
    markField(type: string): void;
  };

/** Reads `w:r`: text of one format, and what stands in the text. */
export class RunReader implements XmlFrame {
  readonly #paragraph: RunParent;
  #isHidden = false;
  #font = "";
  readonly #format: RunFormat = createRunFormat();
  /** The note that the text of the run is the sign of. */
  #signed: NoteReference | null = null;
  #sign = "";

  constructor(paragraph: RunParent) {
    this.#paragraph = paragraph;
  }

  open({ name, attributes }: XmlElement): XmlFrame | null {
    const character = CHARACTER_BY_ELEMENT[name];
    if (character !== undefined) this.#add(character);
    switch (name) {
      case "w:rPr":
        return this.#readProperties();
      case "w:t":
        return { text: (text) => this.#add(decodeSymbols(this.#font, text)) };
      case "w:sym":
        this.#addSymbol(attributes);
        return null;
      case "w:fldChar":
        this.#paragraph.markField(attributes["w:fldCharType"] ?? "");
        return null;
      case "w:instrText":
        return collectText((text) => this.#paragraph.addInstruction(text));
      case "w:footnoteReference":
      case "w:endnoteReference":
        this.#addNote(name === "w:footnoteReference" ? "footnote" : "endnote", attributes);
        return null;
      case "w:commentReference":
        this.#paragraph.comments.push(attributes["w:id"] ?? "");
        return null;
      case "w:ruby":
        return this.#readRuby();
      case "w:drawing":
      case "w:pict":
      case "w:object":
        return readDrawing(this.#paragraph);
      default:
        return null;
    }
  }

  #add(text: string): void {
    if (this.#signed === null) this.#paragraph.addText(text, this.#isHidden, this.#format);
    else this.#sign += text;
  }

  close(): void {
    const sign = this.#sign.trim().toWellFormed();
    if (this.#signed === null || sign === "") return;
    this.#signed.label = sign;
    this.#paragraph.addNoteSign(this.#signed, this.#sign, this.#isHidden);
  }

  #addNote(kind: NoteKind, attributes: XmlElement["attributes"]): void {
    const hasOwnSign = isOn(attributes["w:customMarkFollows"] ?? "0");
    const note = this.#paragraph.addNote(kind, attributes["w:id"] ?? "", hasOwnSign);
    // Without marks the sign is text of the run like any other.
    if (this.#paragraph.context.marking === null) return;
    if (hasOwnSign) this.#signed = note;
    // A number in brackets stands for the raised one, so that it is no part of the word before it.
    else this.#paragraph.addNoteSign(note, `[${note.label}]`, this.#isHidden);
  }

  #addSymbol(attributes: XmlElement["attributes"]): void {
    const code = Number.parseInt(attributes["w:char"] ?? "", 16);
    if (code > 0 && code <= 0xffff) this.#add(decodeSymbol(attributes["w:font"] ?? "", code));
  }

  #readProperties(): XmlFrame {
    return {
      open: ({ name, attributes }) => {
        if (name === "w:vanish") this.#isHidden = isOn(attributes["w:val"]);
        readRunFormat(this.#format, name, attributes["w:val"]);
        if (name === "w:rFonts") this.#font = attributes["w:ascii"] ?? attributes["w:hAnsi"] ?? "";
        return null;
      },
    };
  }

  /** The words above or beside others say how these are read, so only the base is text. */
  #readRuby(): XmlFrame {
    return { open: ({ name }) => (name === "w:rubyBase" ? passThrough(this.#paragraph) : null) };
  }
}

/** Reads a drawing, in DrawingML or VML, for its description, its picture and its text boxes. */
function readDrawing(paragraph: RunParent): XmlFrame {
  let description = "";
  let target = "";
  const inside: XmlFrame = {
    open: ({ name, attributes }) => {
      if (name === "w:txbxContent") {
        const content: Paragraph["textBoxes"][number] = [];
        paragraph.textBoxes.push(content);
        return paragraph.context.readStory(content);
      }
      if (name === "wp:docPr") description ||= attributes.descr ?? "";
      if (name.startsWith("v:")) description ||= attributes.alt ?? "";
      if (name === "a:blip") target ||= paragraph.context.targetOf(attributes["r:embed"]);
      if (name === "v:imagedata") target ||= paragraph.context.targetOf(attributes["r:id"]);
      return inside;
    },
  };
  return {
    ...inside,
    close: () => {
      const text = description.toWellFormed().trim();
      if (text !== "" || target !== "") paragraph.pictures.push({ description: text, target });
    },
  };
}
