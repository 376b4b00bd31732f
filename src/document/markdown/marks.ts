import { MAX_MARKS, marksField } from "../marks.ts";
import type { ParsedMark } from "../reader.ts";
import type { TextBlock } from "../text/decoded-text.ts";
import type { SourceRange } from "./inline.ts";
import { normalizeLabel } from "./labels.ts";
import { RangeQueue } from "./range-queue.ts";

/** A mark by the place of its words in the source. `label` is that of a footnote. */
export type SourceMark = SourceRange &
  (
    | { kind: Exclude<ParsedMark["kind"], "footnote_reference"> }
    | { kind: "footnote_reference"; label: string }
  );

/** Collects the marks of inline text while a document is read, and places them in its blocks. */
export class MarkCollector {
  readonly #source: string;
  readonly #queue = new RangeQueue<SourceMark>();
  /** The block where each footnote begins, by its normalized label. The first definition of a label holds. */
  readonly #footnotes = new Map<string, number>();
  readonly #references: (ParsedMark & { kind: "footnote_reference" })[] = [];
  #count = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Takes the marks of one text, in any order; texts come in the order of the source. */
  add(marks: readonly SourceMark[]): void {
    if (this.#isFull) return;
    const sorted = marks.toSorted((a, b) => a.start - b.start || b.end - a.end);
    for (const mark of sorted) this.#queue.add(mark);
  }

  /** The mark of an inline token, if it is one. Emphasis has no token. */
  markOf(type: string, range: SourceRange): SourceMark | undefined {
    if (type === "codeText") return { kind: "code", ...range };
    if (type === "gfmFootnoteCall")
      return { kind: "footnote_reference", ...range, label: this.#labelIn(range) };
    return undefined;
  }

  /** Takes the label of a definition with its brackets, and the index of the block that begins with it. */
  defineFootnote(range: SourceRange, block: number): void {
    const label = normalizeLabel(this.#labelIn(range));
    if (!this.#footnotes.has(label)) this.#footnotes.set(label, block);
  }

  /** Gives a block the marks whose words it holds. */
  place(block: TextBlock): void {
    if (this.#isFull) return;
    const placed = this.#queue.take(block.content);
    this.#count += placed.length;
    const marks = placed.map(({ span, range }): ParsedMark => {
      if (range.kind !== "footnote_reference") return { kind: range.kind, span };
      const reference = { kind: range.kind, span, label: range.label };
      this.#references.push(reference);
      return reference;
    });
    Object.assign(block, marksField(marks));
  }

  /** Gives references the blocks of their footnotes, now that every definition is known. */
  resolve(): void {
    for (const reference of this.#references) {
      const block = this.#footnotes.get(normalizeLabel(reference.label));
      if (block !== undefined) reference.block = block;
    }
  }

  /** There are more marks than the document keeps; a mark over many lines counts in each of their blocks. */
  get #isFull(): boolean {
    return this.#count > MAX_MARKS;
  }

  /** What stands between `[^` and `]`. */
  #labelIn({ start, end }: SourceRange): string {
    return this.#source.slice(start + 2, end - 1);
  }
}
