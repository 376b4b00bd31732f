import type { ParsedBlock, ParsedMark } from "./reader.ts";
import type { Block, Mark, Span } from "./schema.ts";

/** More marks of one document are left out, in its order. Text of nothing but marks would make a docir of many times its size. */
export const MAX_MARKS = 100_000;

/** The optional field of a block: absent where there are no marks. Readers return marks in any order. */
export function marksField(marks: readonly ParsedMark[]): { marks?: ParsedMark[] } {
  return marks.length === 0 ? {} : { marks: marks.toSorted(compareMarks) };
}

function compareMarks({ span: a }: ParsedMark, { span: b }: ParsedMark): number {
  return a[0] - b[0] || b[1] - a[1];
}

/** Moves marks, or links, by so many units. */
export function moveMarks<Item extends Readonly<{ span: Span }>>(marks: readonly Item[], by: number): Item[] {
  return marks.map((mark) => ({ ...mark, span: [mark.span[0] + by, mark.span[1] + by] }));
}

/** Puts the marks of a reader into the placed blocks, whose ids are known by now. Returns whether some were too many. */
export function placeMarks(parsed: readonly ParsedBlock[], blocks: readonly Block[]): boolean {
  let room = MAX_MARKS;
  for (const [index, { marks }] of parsed.entries()) {
    const block = blocks[index];
    if (block === undefined || marks === undefined || marks.length === 0) continue;
    if (room === 0) return true;
    block.marks = moveMarks(marks.slice(0, room), block.span[0]).map((mark) => withBlockId(mark, blocks));
    if (marks.length > room) return true;
    room -= marks.length;
  }
  return false;
}

function withBlockId(mark: ParsedMark, blocks: readonly Block[]): Mark {
  if (mark.kind !== "footnote_reference") return mark;
  const { block, ...reference } = mark;
  const blockId = block === undefined ? undefined : blocks[block]?.id;
  return blockId === undefined ? reference : { ...reference, blockId };
}
