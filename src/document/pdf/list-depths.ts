import type { Group } from "./group-lines.ts";

/** Items further right than this many times the size of the item before belong to a list inside it. */
const INDENT = 0.8;

const MAX_DEPTH = 9;

/** How deep each item of a list is nested, from 1: by how far it is indented among the items around it. */
export function findListDepths(groups: readonly Group[]): Map<Group, number> {
  const depths = new Map<Group, number>();
  let indents: number[] = [];
  for (const group of groups) {
    const [line] = group.lines;
    if (group.kind !== "list_item" || !line) {
      indents = [];
      continue;
    }
    const left = line.isRightToLeft ? -line.box[2] : group.textLeft;
    while (indents.length > 0 && left < (indents.at(-1) ?? 0) - INDENT * line.size) indents.pop();
    const last = indents.at(-1);
    if (last === undefined || left > last + INDENT * line.size) indents.push(left);
    depths.set(group, Math.min(MAX_DEPTH, indents.length));
  }
  return depths;
}
