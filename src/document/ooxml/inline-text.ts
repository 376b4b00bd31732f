import type { Link } from "../schema.ts";
import type { LinkedText } from "./drafts.ts";

/** Collects the text of a paragraph and the links in it. */
export class InlineText {
  #text = "";
  readonly #links: Link[] = [];
  /** Where the links that are not closed yet start. */
  readonly #open: { target: string; start: number }[] = [];

  append(text: string): void {
    this.#text += text;
  }

  openLink(target: string): void {
    this.#open.push({ target, start: this.#text.length });
  }

  closeLink(): void {
    const link = this.#open.pop();
    if (link && link.target !== "") {
      this.#links.push({ kind: "link", span: [link.start, this.#text.length], target: link.target });
    }
  }

  /** The text without blanks at its ends; links that hold no text are left out. */
  finish(): LinkedText {
    while (this.#open.length > 0) this.closeLink();
    const text = this.#text.toWellFormed().trim();
    const start = text === "" ? 0 : this.#text.length - this.#text.trimStart().length;
    const within = (offset: number) => Math.min(Math.max(offset - start, 0), text.length);
    const links = this.#links
      .map((link): Link => ({ ...link, span: [within(link.span[0]), within(link.span[1])] }))
      .filter(({ span }) => span[0] < span[1])
      .sort((a, b) => a.span[0] - b.span[0]);
    return { text, links };
  }
}
