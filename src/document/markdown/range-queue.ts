import { lowerBound } from "../lower-bound.ts";
import type { Span } from "../schema.ts";
import type { MappedText } from "../text/mapped-text.ts";
import type { SourceRange } from "./inline.ts";

/**
 * Ranges of the source that wait for the blocks that hold their words. Ranges are added in the order of their starts, and blocks
 * come in the order of the source, so each range is looked at once for each block that it lies in.
 */
export class RangeQueue<Range extends SourceRange> {
  #waiting: Range[] = [];
  #next = 0;
  /** Ranges that begin in an earlier block and go on behind it. */
  #open: Range[] = [];

  add(range: Range): void {
    this.#waiting.push(range);
  }

  /** The ranges with words in this text. Those that end before its end are not returned again. */
  take({ runs }: MappedText): { span: Span; range: Range }[] {
    const last = runs.at(-1);
    if (!last || (this.#open.length === 0 && this.#next === this.#waiting.length)) return [];
    const end = last[2] + last[3];
    const begun = this.#open;
    for (let range = this.#waiting[this.#next]; range && range.start < end; ) {
      begun.push(range);
      this.#next += 1;
      range = this.#waiting[this.#next];
    }
    if (this.#next === this.#waiting.length) [this.#waiting, this.#next] = [[], 0];
    this.#open = begun.filter((range) => range.end > end);
    return begun.flatMap((range) => {
      const span = findSpan(runs, range);
      return span ? [{ span, range }] : [];
    });
  }
}

/** The words of a range of the source in a text whose runs are in source order. */
function findSpan(runs: MappedText["runs"], { start, end }: SourceRange): Span | undefined {
  const begins = (index: number) => runs[index]?.[2] ?? Number.POSITIVE_INFINITY;
  const ends = (index: number) => begins(index) + (runs[index]?.[3] ?? 0);
  const first = runs[lowerBound(0, runs.length, (index) => ends(index) > start)];
  const last = runs[lowerBound(0, runs.length, (index) => begins(index) >= end) - 1];
  if (!first || !last) return undefined;
  const from = first[4] ? first[0] + Math.max(0, start - first[2]) : first[0];
  const to = last[4] ? last[0] + Math.min(last[1], end - last[2]) : last[0] + last[1];
  return from < to ? [from, to] : undefined;
}
