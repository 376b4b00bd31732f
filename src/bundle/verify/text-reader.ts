import type { MemberPlace, StringMark } from "./canonical.ts";
import type { ReadFile } from "./contents.ts";

/** Reads parts of a long text that is a member of a JSON file; only one section of it is in memory. */
export type TextReader = Readonly<{
  /** Whether the text has `part` at this span, in UTF-16 units. */
  hasAt(span: readonly [start: number, end: number], part: string): boolean;
}>;

/** Null when the member is no string. */
export function createTextReader(file: ReadFile, key: string): TextReader | null {
  const place = file.members.get(key);
  const first = place?.marks[0];
  if (place === undefined || first === undefined) return null;
  const { marks } = place;
  let [sectionIndex, section] = [-1, ""];
  const sectionAt = (index: number) => {
    if (index !== sectionIndex) [sectionIndex, section] = [index, readSection(file, place, index)];
    return section;
  };
  return {
    hasAt([start, end], part) {
      if (end - start !== part.length) return false;
      // The sections that hold the span, from the last one that begins at or before it.
      let index = findSection(marks, start);
      let at = start;
      while (at < end && index < marks.length) {
        const offset = at - (marks[index]?.unit ?? 0);
        const found = sectionAt(index).slice(offset, offset + end - at);
        if (found === "" || found !== part.slice(at - start, at - start + found.length)) return false;
        at += found.length;
        index += 1;
      }
      return at === end;
    },
  };
}

/** The index of the last mark at or before a unit. */
function findSection(marks: readonly StringMark[], unit: number): number {
  let [low, high] = [0, marks.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.unit ?? 0) <= unit) low = middle;
    else high = middle;
  }
  return low;
}

/** The scan found that these bytes are JSON in UTF-8. The text from one mark to the next one, or to the end of the string. */
function readSection(file: ReadFile, { marks, end }: MemberPlace, index: number): string {
  const bytes = file.readRange(marks[index]?.at ?? 0, marks[index + 1]?.at ?? end - 1);
  return JSON.parse(`"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()}"`);
}
