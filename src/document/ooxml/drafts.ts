import { marksField, moveMarks } from "../marks.ts";
import { appendBlock, type ParsedBlock, type ParsedDocument, type ParsedMark } from "../reader.ts";
import type { Link } from "../schema.ts";

/** A block whose parent is named by reference, because its index is known only when all blocks are in order. */
export type Draft = Omit<ParsedBlock, "parent" | "marks"> & {
  parent?: Draft | undefined;
  marks?: DraftMark[];
};

/** A mark as readers collect it. The note of a reference gets its block later. */
export type DraftMark =
  | Exclude<ParsedMark, { kind: "footnote_reference" }>
  | (Omit<Extract<ParsedMark, { kind: "footnote_reference" }>, "block"> & { note: { draft?: Draft } });

export type DraftWarning = { code: string; draft?: Draft | undefined };

/** Text with the links and marks in it, whose spans count from the start of `text`. Readers without marks leave them out. */
export type LinkedText = Readonly<{ text: string; links: readonly Link[]; marks?: readonly DraftMark[] }>;

export const NO_TEXT: LinkedText = { text: "", links: [] };

/** Joins texts that are not blank. */
export function joinTexts(texts: Iterable<LinkedText>, separator: string): LinkedText {
  const parts: string[] = [];
  const links: Link[] = [];
  const marks: DraftMark[] = [];
  let length = 0;
  for (const { text, links: innerLinks, marks: innerMarks = [] } of texts) {
    if (text.trim() === "") continue;
    if (parts.length > 0) length += separator.length;
    for (const link of moveMarks(innerLinks, length)) links.push(link);
    for (const mark of moveMarks(innerMarks, length)) marks.push(mark);
    parts.push(text);
    length += text.length;
  }
  return { text: parts.join(separator), links, marks };
}

/** Without blanks at its ends; links and marks that hold nothing else are left out. */
export function trimText({ text, links, marks = [] }: LinkedText): LinkedText {
  const start = text.length - text.trimStart().length;
  const end = start + text.trim().length;
  return { text: text.trim(), links: cutSpans(links, start, end), marks: cutSpans(marks, start, end) };
}

/** What lies from `start` to `end`, moved with a text that begins and ends there. */
export function cutSpans<Item extends Link | DraftMark>(
  items: readonly Item[],
  start: number,
  end: number,
): Item[] {
  const within = (offset: number) => Math.min(Math.max(offset, start), end) - start;
  return items
    .map((item): Item => ({ ...item, span: [within(item.span[0]), within(item.span[1])] }))
    .filter(({ span }) => span[0] < span[1]);
}

/** One behind the other. */
export function concatTexts(texts: readonly LinkedText[]): LinkedText {
  const links: Link[] = [];
  const marks: DraftMark[] = [];
  let length = 0;
  for (const { text, links: innerLinks, marks: innerMarks = [] } of texts) {
    for (const link of moveMarks(innerLinks, length)) links.push(link);
    for (const mark of moveMarks(innerMarks, length)) marks.push(mark);
    length += text.length;
  }
  return { text: texts.map(({ text }) => text).join(""), links, marks };
}

/** The optional fields of a block: absent where there are no links or marks. */
export function inlineFields({ links, marks = [] }: Omit<LinkedText, "text">): {
  links?: Link[];
  marks?: DraftMark[];
} {
  return {
    ...(links.length === 0 ? {} : { links: [...links] }),
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
  };
}

/** Blocks with the indices of their parents. Throws as `appendBlock` does. */
export function placeDrafts(
  drafts: readonly Draft[],
  warnings: readonly DraftWarning[],
): Pick<ParsedDocument, "blocks" | "warnings"> {
  const indexes = new Map<Draft, number>();
  const blocks: ParsedBlock[] = [];
  for (const draft of drafts) {
    const { parent: parentDraft, marks: _, ...block } = draft;
    const parent = parentDraft && indexes.get(parentDraft);
    indexes.set(draft, blocks.length);
    appendBlock(blocks, parent === undefined ? block : { ...block, parent });
  }
  // A reference comes before its note, so marks are placed when every block has its index.
  for (const [index, { marks = [] }] of drafts.entries()) {
    const block = blocks[index];
    if (block) Object.assign(block, marksField(marks.map((mark) => placeMark(mark, indexes))));
  }
  return {
    blocks,
    warnings: warnings.map(({ code, draft }) => {
      const block = draft && indexes.get(draft);
      return block === undefined ? { code } : { code, block };
    }),
  };
}

function placeMark(mark: DraftMark, indexes: ReadonlyMap<Draft, number>): ParsedMark {
  if (mark.kind !== "footnote_reference") return mark;
  const { note, ...reference } = mark;
  const block = note.draft && indexes.get(note.draft);
  return block === undefined ? reference : { ...reference, block };
}
