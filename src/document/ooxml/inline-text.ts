import { MAX_MARKS } from "../marks.ts";
import type { ParsedMark } from "../reader.ts";
import type { Link } from "../schema.ts";
import type { Draft, DraftMark, LinkedText } from "./drafts.ts";

/** What sets the words of a run off. */
export type MarkKind = Exclude<ParsedMark["kind"], "footnote_reference">;

/** How many marks a document may still get: more than it keeps are not collected. One more is, so that a warning says so. */
export type MarkBudget = { left: number };

export function createMarkBudget(): MarkBudget {
  return { left: MAX_MARKS + 1 };
}

/** Collects the text of a paragraph with the links and marks in it. */
export class InlineText {
  #text = "";
  readonly #links: Link[] = [];
  /** Where the links that are not closed yet start. */
  readonly #open: { target: string; start: number }[] = [];
  readonly #marks: DraftMark[] = [];
  /** The last mark of each kind: words of the next run with it are part of it. */
  readonly #last = new Map<MarkKind, DraftMark>();
  readonly #budget: MarkBudget | null;

  /** Without a budget there are no marks. */
  constructor(budget: MarkBudget | null = null) {
    this.#budget = budget;
  }

  append(text: string, kinds: readonly MarkKind[] = []): void {
    const start = this.#text.length;
    this.#text += text;
    if (text !== "") for (const kind of kinds) this.#mark(kind, start);
  }

  /** Appends the sign of a note, as a reference to it. */
  appendReference(text: string, label: string, note: { draft?: Draft }): void {
    const start = this.#text.length;
    this.#text += text;
    this.#push({ kind: "footnote_reference", span: [start, this.#text.length], label, note });
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
    const text = this.#text.toWellFormed();
    const links = this.#links.sort((a, b) => a.span[0] - b.span[0]);
    if (this.#marks.length === 0) return { text, links };
    const marks = this.#marks.filter((mark) => trimMark(mark, text));
    if (this.#budget !== null) this.#budget.left += this.#marks.length - marks.length;
    return { text, links, marks };
  }

  #mark(kind: MarkKind, start: number): void {
    const last = this.#last.get(kind);
    if (last?.span[1] === start) last.span[1] = this.#text.length;
    else this.#push({ kind, span: [start, this.#text.length] });
  }

  #push(mark: DraftMark): void {
    if (this.#budget === null || this.#budget.left === 0) return;
    this.#budget.left -= 1;
    this.#marks.push(mark);
    if (mark.kind !== "footnote_reference") this.#last.set(mark.kind, mark);
  }
}

/** Blanks at the ends are not set off. Returns false for a mark of nothing else. */
function trimMark({ span }: DraftMark, text: string): boolean {
  const words = text.slice(...span);
  span[0] += words.length - words.trimStart().length;
  span[1] -= words.length - words.trimEnd().length;
  return span[0] < span[1];
}
