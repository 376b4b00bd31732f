/** A run can have thousands of steps; a page shows this many of them at a time, and links to the others. */
export const STEPS_PER_PAGE = 200;

export type Window = Readonly<{ from: number; to: number; total: number }>;

/**
 * Which items to show, half-open: the page that holds the item asked for, else the last page, where a run goes on.
 * Pages lie at fixed places, so that a link to one means the same tomorrow.
 */
export function windowOf(total: number, wanted: number | null, size = STEPS_PER_PAGE): Window {
  const item = Math.min(Math.max(wanted ?? total - 1, 0), Math.max(total - 1, 0));
  const from = Math.floor(item / size) * size;
  return { from, to: Math.min(from + size, total), total };
}
