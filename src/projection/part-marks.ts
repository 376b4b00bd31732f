import { lowerBound } from "../document/lower-bound.ts";
import type { Block } from "../document/schema.ts";
import type { Part, PartMark, Span } from "./text-parts.ts";

/** How the page shows a span of the document's text. */
export type PlacedMark = Readonly<{ span: Span; mark: PartMark }>;

/** Of a block, in the order of their starts. `orderOf` tells the position of the block where a footnote begins. */
export function shownMarksOf(
  { marks = [], links = [] }: Pick<Block, "marks" | "links">,
  orderOf: (blockId: string) => number | undefined,
): readonly PlacedMark[] {
  const shown = marks.map((mark): PlacedMark => {
    if (mark.kind !== "footnote_reference") return { span: mark.span, mark: { kind: mark.kind } };
    const at = mark.blockId === undefined ? undefined : orderOf(mark.blockId);
    const place = mark.blockId === undefined || at === undefined ? null : { at, block_id: mark.blockId };
    return { span: mark.span, mark: { kind: mark.kind, place } };
  });
  for (const { kind, span, target } of links)
    if (kind === "link" && isWebAddress(target)) shown.push({ span, mark: { kind, href: target } });
  return shown.sort((a, b) => a.span[0] - b.span[0]);
}

/** Those that begin in a cell of a table, of marks in the order of their starts. No mark lies in two cells. */
export function marksInCell(marks: readonly PlacedMark[], [begin, end]: Span): readonly PlacedMark[] {
  const indexOf = (offset: number) =>
    lowerBound(0, marks.length, (index) => (marks[index]?.span[0] ?? offset) >= offset);
  return marks.slice(indexOf(begin), indexOf(end));
}

/**
 * An address that a page may link to. Others run scripts (`javascript:`), carry their content (`data:`), or lead to places in the
 * document or beside it that the page does not have.
 */
function isWebAddress(target: string): boolean {
  return /^(?:https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu.test(target);
}

/** Cuts parts where marks begin and end. `begin` is where the parts begin in the text. */
export function markParts(
  parts: readonly Part[],
  begin: number,
  marks: readonly PlacedMark[],
): readonly Part[] {
  if (marks.length === 0) return parts;
  let at = begin;
  return parts.flatMap((part): readonly Part[] => {
    if (part.kind === "cut") {
      at += part.count;
      return [part];
    }
    const from = at;
    at += part.text.length;
    const pieces = piecesOf([from, at], marks);
    return pieces.map(({ span: [start, end], marks: held }) => {
      const text = part.text.slice(start - from, end - from);
      return held.length === 0 ? { kind: part.kind, text } : { kind: part.kind, text, marks: held };
    });
  });
}

type Piece = { span: [number, number]; marks: readonly PartMark[] };

/** Of marks of one kind that lie in each other the outermost is shown, so that elements are not nested without end. */
function piecesOf([begin, end]: Span, marks: readonly PlacedMark[]): readonly Piece[] {
  const open = new Map<PartMark["kind"], { mark: PartMark; count: number }>();
  const pieces: Piece[] = [];
  let at = begin;
  const goTo = (next: number) => {
    const held = [...open.values()].map(({ mark }) => mark);
    const last = pieces.at(-1);
    if (next > at && last !== undefined && isSame(last.marks, held)) last.span[1] = next;
    else if (next > at) pieces.push({ span: [at, next], marks: held });
    at = Math.max(at, next);
  };
  for (const { offset, placed, isStart } of edgesOf([begin, end], marks)) {
    goTo(offset);
    const { mark } = placed;
    const before = open.get(mark.kind);
    const count = (before?.count ?? 0) + (isStart ? 1 : -1);
    if (count === 0) open.delete(mark.kind);
    else open.set(mark.kind, { mark: before?.mark ?? mark, count });
  }
  goTo(end);
  return pieces;
}

type Edge = Readonly<{ offset: number; placed: PlacedMark; isStart: boolean }>;

/** Where marks begin and end within a span; those that end at a place come before those that begin there. */
function edgesOf([begin, end]: Span, marks: readonly PlacedMark[]): readonly Edge[] {
  const edges: Edge[] = [];
  for (const placed of marks) {
    const [from, to] = placed.span;
    if (from >= end) break;
    if (to <= begin || from >= to) continue;
    edges.push({ offset: Math.max(from, begin), placed, isStart: true });
    edges.push({ offset: Math.min(to, end), placed, isStart: false });
  }
  return edges.sort((a, b) => a.offset - b.offset || Number(a.isStart) - Number(b.isStart));
}

function isSame(a: readonly PartMark[], b: readonly PartMark[]): boolean {
  return a.length === b.length && a.every((mark) => b.includes(mark));
}
