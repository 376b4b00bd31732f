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
}
