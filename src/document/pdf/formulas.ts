import type { Group } from "./group-lines.ts";
import type { Line } from "./lines.ts";
import { isAssignment, isOfShortNames, isPlain, RELATION, showsMathematics } from "./mathematics.ts";

const MAX_CHARS = 160;

/** Names of variables and signs, and no running text: what stands over and under a fraction is short. */
function isMathematical(group: Group, bodySize: number): boolean {
  const { kind, lines } = group;
  if (kind !== "text" || lines.some(({ isMono, isBold }) => isMono || isBold)) return false;
  const text = textOf(group);
  return text.length <= MAX_CHARS && isOfShortNames(text) && !standsAlone(group, bodySize);
}

/** Limits of sums are smaller than this share of the text. */
const SMALL = 0.9;

/** Whether each line is a key figure or words, and no part of a formula. */
function standsAlone({ lines }: Group, bodySize: number): boolean {
  return lines.every(({ text, size }) => isPlain(text) && !(isAssignment(text) && size < SMALL * bodySize));
}

function textOf({ lines }: Group): string {
  return lines.map(({ text }) => text).join(" ");
}

/** Neighbours in a formula are no further apart than this many times the size of the text. */
const NEAR = 3;

/**
 * The groups that are displayed formulas, each with the groups that are drawn as parts of it: numerators, limits of sums, brackets and
 * the number of the formula stand on baselines of their own. `groups` are in reading order, null where something else stands.
 */
export function findFormulas(
  groups: readonly (Group | null)[],
  bodySize: number,
): Map<Group, readonly Group[]> {
  const formulas = new Map<Group, readonly Group[]>();
  for (let at = 0; at < groups.length; ) {
    const run: Group[] = [];
    for (let next = groups[at]; next; next = groups[at + run.length]) {
      if (!isMathematical(next, bodySize) || (run.length > 0 && !isNear(run.at(-1), next, bodySize))) break;
      run.push(next);
    }
    const [first] = run;
    const text = run.map(textOf).join(" ");
    if (first && RELATION.test(text) && showsMathematics(text)) formulas.set(first, run);
    at += Math.max(1, run.length);
  }
  return formulas;
}

function isNear(before: Group | undefined, next: Group, bodySize: number): boolean {
  const [above, below]: (Line | undefined)[] = [before?.lines.at(-1), next.lines[0]];
  return (
    above !== undefined &&
    below !== undefined &&
    above.page === below.page &&
    Math.abs(below.baseline - above.baseline) <= NEAR * bodySize
  );
}
