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

  /** The text with blanks at its ends. */
  finish(): LinkedText {
    while (this.#open.length > 0) this.closeLink();
    return { text: this.#text.toWellFormed(), links: this.#links.sort((a, b) => a.span[0] - b.span[0]) };
  }
}
