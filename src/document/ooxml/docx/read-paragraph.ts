import { concatTexts } from "../drafts.ts";
import { InlineText } from "../inline-text.ts";
import { readMath } from "../math.ts";
import { passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import { isOn } from "../xml-values.ts";
import type { Paragraph, PartContext } from "./content.ts";
import type { NoteKind, NoteReference } from "./notes.ts";
import { type RunParent, RunReader } from "./read-run.ts";
import { readSection } from "./read-section.ts";
import { type ParagraphProperties, type RunFormat, readProperties } from "./styles.ts";

/** A complex field, from its `begin` to its `end`. */
type Field = { instruction: string; isResult: boolean; isLink: boolean };

const TRANSPARENT = new Set([
  "w:smartTag",
  "w:sdt",
  "w:sdtContent",
  "w:customXml",
  "w:dir",
  "w:bdo",
  "m:oMathPara",
]);

/** Reads `w:p`. Runs add to it by its methods. */
export class ParagraphReader implements RunParent {
  readonly context: PartContext;
  readonly #onEnd: (paragraph: Paragraph) => void;
  readonly #start: number;
  readonly #properties: ParagraphProperties = {};
  readonly #text: InlineText;
  #hidden = "";
  readonly #weight: Paragraph["weight"] = {
    hasBold: false,
    hasPlain: false,
    hasUnset: false,
    size: undefined,
  };
  #hasMath = false;
  #hasWords = false;
  #isJoined = false;
  /** Fields whose `begin` lies in this paragraph, outermost first. */
  readonly #fields: Field[] = [];
  readonly pictures: Paragraph["pictures"] = [];
  readonly textBoxes: Paragraph["textBoxes"] = [];
  readonly notes: Paragraph["notes"] = [];
  readonly comments: Paragraph["comments"] = [];
  readonly #changes: Paragraph["changes"] = { inserted: false, deleted: false };

  constructor(context: PartContext, start: number, onEnd: (paragraph: Paragraph) => void) {
    this.context = context;
    this.#text = new InlineText(context.marking?.budget);
    this.#start = start;
    this.#onEnd = onEnd;
  }

  open(element: XmlElement): XmlFrame | null {
    const { name, attributes } = element;
    if (TRANSPARENT.has(name)) return passThrough(this);
    switch (name) {
      case "w:pPr":
        return this.#readProperties();
      case "w:r":
        return new RunReader(this);
      case "w:hyperlink":
        return this.#readLink(hyperlinkTarget(this.context, attributes));
      case "w:fldSimple":
        return this.#readLink(fieldTarget(attributes["w:instr"] ?? ""));
      case "w:ins":
      case "w:moveTo":
        this.#changes.inserted = true;
        return passThrough(this);
      case "w:del":
      case "w:moveFrom":
        this.#changes.deleted = true;
        return null;
      case "m:oMath":
        return readMath((text) => this.#addMath(text));
      default:
        return null;
    }
  }

  close(end: number): void {
    this.#onEnd({
      kind: "paragraph",
      span: [this.#start, end],
      properties: this.#properties,
      shown: this.#text.finish(),
      hidden: this.#hidden.toWellFormed(),
      weight: this.#weight,
      isFormula: this.#hasMath && !this.#hasWords,
      pictures: this.pictures,
      textBoxes: this.textBoxes,
      notes: this.notes,
      comments: this.comments,
      changes: this.#changes,
      isJoined: this.#isJoined,
    });
  }

  addText(text: string, isHidden: boolean, format: RunFormat): void {
    const { isBold, size } = format;
    if (this.#isInInstruction) return;
    if (isHidden) {
      this.#hidden += text;
      return;
    }
    if (text.trim() !== "") {
      this.#hasWords = true;
      if (isBold === undefined) this.#weight.hasUnset = true;
      else if (isBold) this.#weight.hasBold = true;
      else this.#weight.hasPlain = true;
      if (size !== undefined) this.#weight.size = Math.max(size, this.#weight.size ?? 0);
    }
    this.#text.append(text, this.context.marking?.kindsOf(format, this.#properties.styleId));
  }

  addNote(kind: NoteKind, id: string, hasOwnSign: boolean): NoteReference {
    const label = hasOwnSign ? "" : (this.context.marking?.count(kind) ?? "");
    const note: NoteReference = { kind, id, label };
    this.notes.push(note);
    return note;
  }

  addNoteSign(note: NoteReference, text: string, isHidden: boolean): void {
    if (!this.#isInInstruction && !isHidden) this.#text.appendReference(text, note.label, note);
  }

  get #isInInstruction(): boolean {
    return this.#fields.some(({ isResult }) => !isResult);
  }

  #addMath(text: string): void {
    this.#hasMath = true;
    this.#text.append(text);
  }

  addInstruction(text: string): void {
    const field = this.#fields.at(-1);
    if (field && !field.isResult) field.instruction += text;
  }

  markField(type: string): void {
    if (type === "begin") {
      this.#fields.push({ instruction: "", isResult: false, isLink: false });
      return;
    }
    const field = this.#fields.at(-1);
    if (!field) return;
    if (type === "separate") {
      field.isResult = true;
      const target = fieldTarget(field.instruction);
      field.isLink = target !== "";
      if (field.isLink) this.#text.openLink(target);
    } else if (type === "end") {
      if (field.isLink) this.#text.closeLink();
      this.#fields.pop();
    }
  }

  #readLink(target: string): XmlFrame {
    this.#text.openLink(target);
    return { ...passThrough(this), close: () => this.#text.closeLink() };
  }

  #readProperties(): XmlFrame {
    const outline = readProperties(this.#properties);
    return {
      open: (element) => {
        if (element.name === "w:rPr") return this.#readMarkProperties();
        if (element.name === "w:sectPr") return readSection(this.context.onSection);
        return outline.open?.(element) ?? null;
      },
    };
  }

  /** The properties of the paragraph's mark, its end. */
  #readMarkProperties(): XmlFrame {
    return {
      open: ({ name, attributes }) => {
        if ((name === "w:del" || name === "w:moveFrom") && isOn(attributes["w:val"])) {
          this.#isJoined = true;
          this.#changes.deleted = true;
        }
        return null;
      },
    };
  }
}

/** Paragraphs whose ends are deleted together with the one behind them, which gives all their properties. */
export function joinParagraphs(first: Paragraph, others: readonly Paragraph[]): Paragraph {
  const last = others.at(-1);
  if (last === undefined) return first;
  const all = [first, ...others];
  return {
    ...last,
    span: [first.span[0], last.span[1]],
    shown: concatTexts(all.map(({ shown }) => shown)),
    hidden: all.map(({ hidden }) => hidden).join(""),
    isFormula: all.every(({ isFormula }) => isFormula),
    pictures: all.flatMap(({ pictures }) => pictures),
    textBoxes: all.flatMap(({ textBoxes }) => textBoxes),
    notes: all.flatMap(({ notes }) => notes),
    comments: all.flatMap(({ comments }) => comments),
    changes: { inserted: all.some(({ changes }) => changes.inserted), deleted: true },
  };
}

function hyperlinkTarget({ targetOf }: PartContext, attributes: XmlElement["attributes"]): string {
  const anchor = attributes["w:anchor"];
  return targetOf(attributes["r:id"]) + (anchor === undefined ? "" : `#${anchor}`);
}

/** Where a HYPERLINK field leads, "" for any other field. */
function fieldTarget(instruction: string): string {
  const found = /^\s*HYPERLINK\s+(\\l\s+)?"([^"]*)"(?:\s+\\l\s+"([^"]*)")?/i.exec(instruction);
  if (!found) return "";
  const [, isAnchor, target = "", anchor] = found;
  return (isAnchor === undefined ? target : `#${target}`) + (anchor === undefined ? "" : `#${anchor}`);
}
