/** The first whole number of a range for which `isReached` holds, which then holds for all after it; `end` when it holds for none. */
export function lowerBound(begin: number, end: number, isReached: (at: number) => boolean): number {
  let [low, high] = [begin, end];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
