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
    placesOf(whole, part.text).some((left) => Math.abs(left - part.box[0]) < Math.max(near, whole.size))
  );
}

/** About where a text begins within another, by the share of the characters before it. */
function placesOf({ text, box: [left, , right] }: Fragment, part: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1 && part !== ""; at = text.indexOf(part, at + 1))
    places.push(left + ((right - left) * at) / text.length);
  return places;
}
