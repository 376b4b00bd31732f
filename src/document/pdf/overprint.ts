import type { Fragment, PageContent } from "./page-content.ts";

/** Text that is drawn again lies no further from its first place than this many times its size: a shadow, or type made bold. */
const SAME_PLACE = 0.12;

/** How many fragments before one may be its first drawing: the shadow of a whole line is drawn before the line. */
const WINDOW = 12;

/** The pages with what is drawn twice in one place taken once, also where it was drawn in other pieces. */
export function withoutOverprint(pages: readonly PageContent[]): PageContent[] {
  return pages.map((page) => ({ ...page, fragments: drawnOnce(page.fragments) }));
}

function drawnOnce(fragments: readonly Fragment[]): Fragment[] {
  const kept: Fragment[] = [];
  for (const fragment of fragments) {
    const from = Math.max(0, kept.length - WINDOW);
    const near = kept.slice(from);
    if (near.some((other) => covers(other, fragment))) continue;
    const left = near.filter((other) => !covers(fragment, other));
    if (left.length < near.length) kept.splice(from, near.length, ...left);
    kept.push(fragment);
  }
  return kept;
}

/** Whether one text has the other, in the place where that is drawn. */
function covers(whole: Fragment, part: Fragment): boolean {
  const near = SAME_PLACE * whole.size;
  return (
    whole.size === part.size &&
    Math.abs(whole.baseline - part.baseline) < near &&
    part.box[0] > whole.box[0] - near &&
    part.box[2] < whole.box[2] + near &&
    hasThere(whole, part, Math.max(near, whole.size))
  );
}

/** Whether a text has the other about where that begins, by the share of the characters before it. */
function hasThere({ text, box: [left, , right] }: Fragment, part: Fragment, tolerance: number): boolean {
  const [start] = part.box;
  const from = right > left ? Math.floor(((start - tolerance - left) / (right - left)) * text.length) : 0;
  // From the first place that is near enough on, so that only a few places are looked at, whatever the text repeats.
  for (let at = text.indexOf(part.text, from); at !== -1; at = text.indexOf(part.text, at + 1)) {
    const place = left + ((right - left) * at) / text.length;
    if (Math.abs(place - start) < tolerance) return true;
    if (place > start) return false;
  }
  return false;
}
