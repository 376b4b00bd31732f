import type { ParsedMark } from "../reader.ts";
import { attributeOf, type HtmlElement } from "./parse.ts";

type Reference = ParsedMark & { kind: "footnote_reference" };

/** Elements that set words off, as browsers show them. */
export const MARK_ELEMENTS: Readonly<Record<string, Exclude<ParsedMark["kind"], "footnote_reference">>> = {
  b: "strong",
  code: "code",
  del: "strikethrough",
  em: "emphasis",
  i: "emphasis",
  kbd: "code",
  s: "strikethrough",
  samp: "code",
  strike: "strikethrough",
  strong: "strong",
  tt: "code",
};

/** The id that a raised link within the page leads to: in HTML that is how notes are called for. */
export function noteCalledBy(element: HtmlElement): string | undefined {
  const id = /^#(.+)/.exec(attributeOf(element, "href") ?? "")?.[1];
  if (id === undefined) return undefined;
  const { parentNode, childNodes } = element;
  const isRaised =
    parentNode?.nodeName === "sup" || (childNodes.length === 1 && childNodes[0]?.nodeName === "sup");
  return isRaised || attributeOf(element, "role") === "doc-noteref" ? id : undefined;
}

/** Finds the block that an element with an id begins in, for references to it that may come before. */
export class Footnotes {
  readonly #blocks = new Map<string, number>();
  readonly #references: { reference: Reference; id: string }[] = [];
  /** Ids of elements whose text has not come yet. */
  #begun: string[] = [];

  begin(id: string | undefined): void {
    if (id !== undefined) this.#begun.push(id);
  }

  /** The next block has the text of the elements that have begun. The first element with an id holds. */
  place(block: number): void {
    for (const id of this.#begun) if (!this.#blocks.has(id)) this.#blocks.set(id, block);
    this.#begun = [];
  }

  refer(reference: Reference, id: string): void {
    this.#references.push({ reference, id });
  }

  resolve(): void {
    for (const { reference, id } of this.#references) {
      const block = this.#blocks.get(id);
      if (block !== undefined) reference.block = block;
    }
  }
}
