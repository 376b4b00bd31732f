import type { Group } from "./group-lines.ts";
import type { Line } from "./lines.ts";

/** Signs that a displayed formula has and running text hardly has. */
const RELATION = /[=≤≥≈∼≃≡∈∉⊂⊆∑∏∫∂∇⇔⇒→≠∝]/u;

/** Names of functions and words that join formulas, which are longer than names of variables. */
const KNOWN_WORD =
  /^(?:\p{L}{1,3}|\p{L}+\d\S*|cosh|sinh|tanh|arctan|arcsin|arccos|sign|diag|trace|rank|prob|with|where)$/u;

const MAX_CHARS = 160;

/** Names of variables and signs, and no running text: what stands over and under a fraction is short. */
function isMathematical({ kind, lines }: Group): boolean {
  if (kind !== "text" || lines.some(({ isMono, isBold }) => isMono || isBold)) return false;
  const text = lines.map((line) => line.text).join(" ");
  const words = text.match(/\p{L}[\p{L}\d]*/gu) ?? [];
  return text.length <= MAX_CHARS && words.every((word) => KNOWN_WORD.test(word));
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
      if (!isMathematical(next) || (run.length > 0 && !isNear(run.at(-1), next, bodySize))) break;
      run.push(next);
    }
    const [first] = run;
    const hasRelation = run.some(({ lines }) => lines.some(({ text }) => RELATION.test(text)));
    if (first && hasRelation) formulas.set(first, run);
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
