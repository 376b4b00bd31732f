/** Two entries beside each other. An entry that the other list does not have stands alone. */
export type AlignedPair = Readonly<{ left: string | null; right: string | null }>;

/** Longer lists are compared up to this many entries: the work grows with the product of both lengths. */
export const MAX_ALIGNED = 400;

/** Two lists beside each other, with as many equal entries in one line as their order allows. */
export function alignLists(left: readonly string[], right: readonly string[]): readonly AlignedPair[] {
  const [a, b] = [left.slice(0, MAX_ALIGNED), right.slice(0, MAX_ALIGNED)];
  const common = countCommon(a, b);
  const countAt = (i: number, j: number) => common[i * (b.length + 1) + j] ?? 0;
  const pairs: AlignedPair[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [here, there] = [a[i] ?? null, b[j] ?? null];
    if (here !== null && here === there) {
      pairs.push({ left: here, right: there });
      [i, j] = [i + 1, j + 1];
    } else if (there === null || (here !== null && countAt(i + 1, j) >= countAt(i, j + 1))) {
      pairs.push({ left: here, right: null });
      i += 1;
    } else {
      pairs.push({ left: null, right: there });
      j += 1;
    }
  }
  return pairs;
}

/** For each pair of positions, how many entries the rests of both lists have in common, in order. */
function countCommon(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1;
  const counts = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => counts[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      counts[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return counts;
}
