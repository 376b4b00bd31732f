/** How many steps a page shows at once; a run can have thousands. */
export const STEPS_PER_PAGE = 200;

export type Window = Readonly<{ from: number; to: number; total: number }>;

/**
 * The page of items that holds `wanted`, as a half-open range; null: the last page. Pages begin at multiples of `size`, so a link to
 * one stays valid.
 */
export function windowOf(total: number, wanted: number | null, size = STEPS_PER_PAGE): Window {
  const item = Math.min(Math.max(wanted ?? total - 1, 0), Math.max(total - 1, 0));
  const from = Math.floor(item / size) * size;
  return { from, to: Math.min(from + size, total), total };
}
