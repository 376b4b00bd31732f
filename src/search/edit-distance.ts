/**
 * The optimal string alignment distance: how many letters must be put in, left out, replaced, or exchanged with their neighbour. Infinity
 * when it is more than `most`.
 */
export function editDistance(left: string, right: string, most: number): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + differs,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(before, column - 2) + 1);
      current.push(best);
    }
    if (Math.min(...current) > most) return Number.POSITIVE_INFINITY;
    [before, above] = [above, current];
  }
  const distance = at(above, b.length);
  return distance <= most ? distance : Number.POSITIVE_INFINITY;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

/** A word of the index that a misspelled word may stand for; `chunks` have it. */
export type Candidate = Readonly<{ term: string; chunks: number }>;

/** How many edits are forgiven: none in short words and numbers, where one edit makes another word. */
export function forgivenEdits(term: string): number {
  if (!/^\p{L}+$/u.test(term)) return 0;
  const { length } = Array.from(term);
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}

/** The most likely words first: the nearest, then those of most chunks, then by code units. Those at the least distance only. */
export function chooseCorrections(
  term: string,
  candidates: readonly Candidate[],
  most = 3,
): readonly string[] {
  const forgiven = forgivenEdits(term);
  const near = candidates
    .map((candidate) => ({ ...candidate, distance: editDistance(term, candidate.term, forgiven) }))
    .filter(({ distance }) => Number.isFinite(distance));
  const least = near.reduce((smallest, { distance }) => Math.min(smallest, distance), Infinity);
  return near
    .filter(({ distance }) => distance === least)
    .sort((a, b) => b.chunks - a.chunks || (a.term < b.term ? -1 : 1))
    .slice(0, most)
    .map((candidate) => candidate.term);
}
