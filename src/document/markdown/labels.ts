/** Labels match whatever their case and blanks (CommonMark 0.31.2, 6.3). */
export function normalizeLabel(label: string): string {
  return label
    .replaceAll(/[\t\n\r ]+/g, " ")
    .trim()
    .toLowerCase()
    .toUpperCase();
}

/** CommonMark 0.31.2, 6.3. */
const MAX_LABEL_UNITS = 999;

/** The labels that a document defines, as the parser collects them: a list to it, found by hash here. */
export class LabelList extends Array<string> {
  readonly #labels = new Set<string>();

  override push(...labels: string[]): number {
    for (const label of labels) this.#labels.add(label);
    return this.#labels.size;
  }

  override includes(label: string): boolean {
    return this.#labels.has(label);
  }

  /** Whether a text of this length can be one of the labels. */
  mayInclude(units: number): boolean {
    return this.#labels.size > 0 && units <= MAX_LABEL_UNITS;
  }
}
