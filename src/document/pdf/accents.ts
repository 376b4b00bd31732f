import type { Fragment, PageContent } from "./page-content.ts";

/** The accents that TeX draws over or under a letter of their own, as the combining characters that stand for them. */
const COMBINING: Readonly<Record<string, string>> = {
  "`": "\u0300",
  "´": "\u0301",
  ˆ: "\u0302",
  "˜": "\u0303",
  "¯": "\u0304",
  "˘": "\u0306",
  "˙": "\u0307",
  "¨": "\u0308",
  "˚": "\u030a",
  "˝": "\u030b",
  ˇ: "\u030c",
  "¸": "\u0327",
  "˛": "\u0328",
};

/** A grave accent is also a quotation mark, so it counts only inside a word. */
const ACCENTED = /([´ˆ˜¯˘˙¨˚˝ˇ¸˛]|(?<=\p{L})`(?=[aeiou]))(\p{L})/gu;

/** An apostrophe that was typed as an accent, as in "it´s" and "d´Alembert". */
const TYPED_APOSTROPHE = /(?<=\p{Ll})´(?:s(?!\p{L})|\p{Lu})/uy;

/** The sign in a circle, drawn as a letter and the circle. */
const COPYRIGHT = /(?<!\p{L})c©/gu;

/** The pages with each accent and its letter as one character, where there is such a character. */
export function withComposedAccents(pages: readonly PageContent[]): PageContent[] {
  return pages.map((page) => ({
    ...page,
    fragments: withAccentsMoved(page.fragments).map((fragment) =>
      fragment.style.mono ? fragment : { ...fragment, text: composeAccents(fragment.text) },
    ),
  }));
}

const ACCENT_END = /[´ˆ˜¯˘˙¨˚˝ˇ¸˛]$/u;

/** Moves an accent to the fragment behind it, if its letter is there: both are drawn in one place. */
function withAccentsMoved(fragments: readonly Fragment[]): Fragment[] {
  const moved: Fragment[] = [];
  let accent = "";
  let hasSpace = false;
  for (const [index, fragment] of fragments.entries()) {
    const next = fragments[index + 1];
    const text = accent + fragment.text;
    const hasSpaceBefore: boolean = fragment.hasSpaceBefore || hasSpace;
    const isOfNext: boolean = next !== undefined && ACCENT_END.test(text) && isUnder(fragment, next);
    accent = isOfNext ? text.slice(-1) : "";
    const before = isOfNext ? text.slice(0, -1) : text;
    const own = before.trimEnd();
    hasSpace = own !== before || (own === "" && hasSpaceBefore);
    if (own !== "") moved.push({ ...fragment, text: own, hasSpaceBefore });
  }
  return moved;
}

/** The letter begins before the accent ends, on about the same height. */
function isUnder({ box, baseline, size }: Fragment, next: Fragment): boolean {
  return (
    /^\p{L}/u.test(next.text) &&
    next.box[0] < box[2] &&
    next.box[0] > box[2] - size &&
    Math.abs(next.baseline - baseline) < 0.4 * size
  );
}

/** The text with "Sch¨opf" as "Schöpf" and "na¨ıve" as "naïve". */
export function composeAccents(text: string): string {
  return text
    .replace(ACCENTED, (found: string, accent: string, letter: string, at: number) => {
      TYPED_APOSTROPHE.lastIndex = at;
      if (TYPED_APOSTROPHE.test(text)) return found;
      const base = letter === "ı" ? "i" : letter === "ȷ" ? "j" : letter;
      const composed = `${base}${COMBINING[accent] ?? ""}`.normalize("NFC");
      return composed.length === 1 ? composed : found;
    })
    .replace(COPYRIGHT, "©");
}
