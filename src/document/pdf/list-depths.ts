import type { Group } from "./group-lines.ts";
import type { Line } from "./lines.ts";

/** Items further right than this many times the size of the item before belong to a list inside it. */
const INDENT = 0.8;

const MAX_DEPTH = 9;

/** How deep each item of a list is nested, from 1: by how far it is indented among the items around it. */
export function findListDepths(groups: readonly Group[]): Map<Group, number> {
  const depths = new Map<Group, number>();
  let indents: number[] = [];
  let before: { line: Line; left: number } | null = null;
  for (const group of groups) {
    const [line] = group.lines;
    if (group.kind !== "list_item" || !line) {
      indents = [];
      before = null;
      continue;
    }
    const left = line.isRightToLeft ? -line.box[2] : group.textLeft;
    if (before && isInNextColumn(before.line, line)) {
      // Nothing tells how far the new column is indented: the list goes on as deep as it was.
      const shift = left - before.left;
      indents = indents.map((indent) => indent + shift);
    }
    before = { line, left };
    while (indents.length > 0 && left < (indents.at(-1) ?? 0) - INDENT * line.size) indents.pop();
    const last = indents.at(-1);
    if (last === undefined || left > last + INDENT * line.size) indents.push(left);
    depths.set(group, Math.min(MAX_DEPTH, indents.length));
  }
  return depths;
}

function isInNextColumn(before: Line, line: Line): boolean {
  return before.page === line.page && line.baseline < before.baseline;
}
