import type { Run } from "../schema.ts";

/**
 * Text that knows where it came from: a string and the runs that tie it to the decoded source. Readers append to it in
 * reading order; the offsets are those the parser carried, never found again by search.
 */
export class MappedText {
  text = "";
  readonly runs: Run[] = [];
  /** Where the last appended piece that is not blank ends. To look into `text` after each piece would copy all of it. */
  visibleEnd = 0;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.text.length === 0;
  }

  /** Nothing that could be read or cited. */
  get isBlank(): boolean {
    return this.text.trim() === "";
  }

  /** Appends the source from `start` to `end` as it stands; only NUL becomes U+FFFD, because Postgres text cannot hold it. */
  append(start: number, end: number): void {
    const slice = this.#source.slice(start, end);
    let from = 0;
    if (slice.includes("\0")) {
      for (const { 0: nuls, index } of slice.matchAll(/\0+/g)) {
        this.#push(slice.slice(from, index), start + from, index - from, 1);
        this.#push("\ufffd".repeat(nuls.length), start + index, nuls.length, 0);
        from = index + nuls.length;
      }
    }
    this.#push(slice.slice(from), start + from, slice.length - from, 1);
  }

  /** Appends `text` in the place of the source from `start` to `end`; exact if they happen to be the same. */
  appendAs(text: string, start: number, end: number): void {
    if (this.#source.slice(start, end) === text) this.append(start, end);
    else this.#push(text, start, end - start, 0);
  }

  /** A part of this text with its runs; runs that were decoded or put in are never cut, they go with their start. */
  slice(from: number, to: number): MappedText {
    const part = new MappedText(this.#source);
    for (let index = this.#runAt(from); ; index += 1) {
      const run = this.runs[index];
      if (!run || run[0] >= to) return part;
      const [textStart, textLen, srcStart, srcLen, exact] = run;
      const start = Math.max(from, textStart);
      const end = Math.min(to, textStart + textLen);
      const cut = this.text.slice(start, end);
      if (exact) part.#push(cut, srcStart + start - textStart, end - start, 1);
      else part.#push(cut, srcStart, srcLen, 0);
    }
  }

  /** Without blanks and newlines at either end. */
  trim(): MappedText {
    const end = this.text.trimEnd().length;
    const start = end - this.text.trim().length;
    return start === 0 && end === this.text.length ? this : this.slice(start, end);
  }

  /** Where the text from `from` to `to` comes from, in the decoded source. */
  sourceOf(from: number, to: number): { start: number; end: number } {
    const [first, last] = [this.runs[this.#runAt(from)], this.runs[this.#runAt(Math.max(from, to - 1))]];
    if (!first || !last) return { start: 0, end: 0 };
    return {
      start: first[4] ? first[2] + from - first[0] : first[2],
      end: last[4] ? last[2] + to - last[0] : last[2] + last[3],
    };
  }

  concat(other: MappedText): void {
    for (const [textStart, textLen, srcStart, srcLen, exact] of other.runs) {
      this.#push(other.text.slice(textStart, textStart + textLen), srcStart, srcLen, exact);
    }
  }

  /** Index of the run that holds the text offset; runs tile the text, so halving finds it. */
  #runAt(offset: number): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.runs[middle];
      if (run && run[0] + run[1] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #push(text: string, srcStart: number, srcLen: number, exact: 0 | 1): void {
    if (text.length === 0) return;
    const last = this.runs.at(-1);
    if (exact && last?.[4] && last[2] + last[3] === srcStart) {
      last[1] += text.length;
      last[3] += srcLen;
    } else {
      this.runs.push([this.text.length, text.length, srcStart, srcLen, exact]);
    }
    this.text += text;
    if (text.trim() !== "") this.visibleEnd = this.text.length;
  }
}
