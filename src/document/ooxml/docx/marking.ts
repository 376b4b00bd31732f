import { createMarkBudget, type MarkBudget, type MarkKind } from "../inline-text.ts";
import type { NoteKind } from "./notes.ts";
import type { RunFormat, Styles } from "./styles.ts";

const NO_KINDS: readonly MarkKind[] = [];

/** The marks of a document while its parts are read: what sets off the words of a run, and the numbers of its notes. */
export class Marking {
  readonly budget: MarkBudget = createMarkBudget();
  readonly #styles: Styles;
  readonly #counts: Record<NoteKind, number> = { footnote: 0, endnote: 0 };

  constructor(styles: Styles) {
    this.#styles = styles;
  }

  /**
   * What a run says of its words, or its character style does. What the style of the whole paragraph says sets nothing off:
   * a heading is bold already.
   */
  kindsOf(format: RunFormat, paragraphStyleId: string | undefined): readonly MarkKind[] {
    const { isBold, isItalic, isStruck, styleId } = format;
    if (styleId === undefined && !isBold && !isItalic && !isStruck) return NO_KINDS;
    const style = this.#styles.characterFactsOf(styleId);
    const around = this.#styles.factsOf(paragraphStyleId);
    const kinds: MarkKind[] = [];
    if ((isBold ?? style.isBold) && !around.isBold) kinds.push("strong");
    if ((isItalic ?? style.isItalic) && !around.isItalic) kinds.push("emphasis");
    if (isStruck ?? style.isStruck) kinds.push("strikethrough");
    if (style.isCode) kinds.push("code");
    return kinds;
  }

  /** The number of the next note of its kind. */
  count(kind: NoteKind): string {
    this.#counts[kind] += 1;
    return String(this.#counts[kind]);
  }
}
