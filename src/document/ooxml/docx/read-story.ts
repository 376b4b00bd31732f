import { trimText } from "../drafts.ts";
import { passThrough, type XmlElement, type XmlFrame } from "../xml.ts";
import type { Content, Paragraph, PartContext } from "./content.ts";
import { joinParagraphs, ParagraphReader } from "./read-paragraph.ts";
import { readSection } from "./read-section.ts";
import { readTable } from "./read-table.ts";

/** Takes finished content; an array is one. */
type ContentSink = { push(content: Content): unknown };

const TRANSPARENT = new Set(["w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag"]);

/** Reads what holds paragraphs and tables: the body, a header, a note, a cell, a text box. */
export function createStoryReader(context: PartContext, sink: ContentSink, onEnd?: (end: number) => void) {
  return new StoryReader(context, sink, onEnd);
}

class StoryReader implements XmlFrame {
  readonly #context: PartContext;
  readonly #sink: ContentSink;
  readonly #onEnd: ((end: number) => void) | undefined;
  /** Paragraphs that the next one continues. */
  #joined: Paragraph[] = [];

  constructor(context: PartContext, sink: ContentSink, onEnd?: (end: number) => void) {
    this.#context = context;
    this.#sink = sink;
    this.#onEnd = onEnd;
  }

  open(element: XmlElement): XmlFrame | null {
    const { name, start } = element;
    if (TRANSPARENT.has(name)) return passThrough(this);
    switch (name) {
      case "w:p":
        return this.#readParagraph(start);
      case "w:tbl":
        return readTable(this.#context, start, (table) => {
          this.#finishJoined();
          this.#sink.push(table);
        });
      case "w:sectPr":
        return readSection(this.#context.onSection);
      case "m:oMathPara":
      case "m:oMath":
        return this.#readLoneMath(element);
      default:
        return null;
    }
  }

  close(end: number): void {
    this.#finishJoined();
    this.#onEnd?.(end);
  }

  #readParagraph(start: number): ParagraphReader {
    return new ParagraphReader(this.#context, start, (paragraph) => {
      this.#joined.push(paragraph);
      if (!paragraph.isJoined) this.#finishJoined();
    });
  }

  /** An equation that stands between paragraphs. */
  #readLoneMath(element: XmlElement): XmlFrame | null {
    const paragraph = this.#readParagraph(element.start);
    const inside = paragraph.open(element);
    return {
      open: (child) => inside?.open?.(child) ?? null,
      close: (end) => {
        inside?.close?.(end);
        paragraph.close(end);
      },
    };
  }

  #finishJoined(): void {
    const [first, ...others] = this.#joined;
    if (first) this.#push(joinParagraphs(first, others));
    this.#joined = [];
  }

  #push(paragraph: Paragraph): void {
    this.#sink.push({ ...paragraph, shown: trimText(paragraph.shown), hidden: paragraph.hidden.trim() });
  }
}
