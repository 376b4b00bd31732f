import { isContentsEntry } from "./contents.ts";
import type { Group } from "./group-lines.ts";
import type { Line } from "./lines.ts";
import { findMarker } from "./markers.ts";
import { enclose } from "./page-content.ts";
import type { PdfRules } from "./rules.ts";
import { roundSize, type Typography } from "./style.ts";

const MAX_CHARS = 200;
const MAX_BOLD_CHARS = 130;
const LARGER = 1.12;

/** A size that a heading has if it also stands alone. */
const LITTLE_LARGER = 1.06;

/** A sign or a word in capitals follows the number; the text that refers to a table goes on in small letters. */
const CAPTION =
  /^(?:fig(?:ure|\.)|table|tab\.|tabelle|abbildung|abb\.|gambar|tabel|scheme|listing|algorithm)\s*\d+(?:\.\d+)*(?:\s*[.:—–-]|\s+(?-i:\p{Lu}))/iu;

const MAX_CAPTION_LINES = 6;

export function isCaption({ lines }: Group): boolean {
  return lines.length <= MAX_CAPTION_LINES && CAPTION.test(lines[0]?.text ?? "");
}

/** Headings by their group, with a level from 1 for the largest; the title of the document has level 0. */
export function findHeadings(
  groups: readonly Group[],
  typography: Typography,
  rules: PdfRules,
): Map<Group, number> {
  const candidates = groups.filter(
    (group, index) =>
      isHeading(group, groups[index - 1], groups[index + 1], typography, rules) &&
      !(rules >= 3 && isContentsEntry(textOf(group))),
  );
  const headings = withoutByline(groups, candidates, typography, rules);
  const keys = [...new Set(headings.map(keyOf))].sort((a, b) => b - a);
  const levels = new Map(headings.map((group) => [group, Math.min(6, keys.indexOf(keyOf(group)) + 1)]));
  applyNumbers(levels);
  return withTitle(headings, levels);
}

function textOf({ lines }: Group): string {
  return lines.map(({ text }) => text).join(" ");
}

/** Larger first, and of the same size bold first. Of small capitals the large ones count. */
function keyOf(group: Group): number {
  const [line] = group.lines;
  if (!line) return 0;
  const size = isInCapitals(textOf(group))
    ? Math.max(...line.fragments.map(({ size: own }) => own))
    : line.size;
  return roundSize(size) * 2 + (line.isBold ? 1 : 0);
}

function isHeading(
  group: Group,
  before: Group | undefined,
  after: Group | undefined,
  typography: Typography,
  rules: PdfRules,
): boolean {
  const { lines } = group;
  const kind = rules >= 4 && isTypewritten(group, before, after, typography) ? "text" : group.kind;
  const [line] = lines;
  const text = textOf(group);
  if (!line || kind === "code" || kind === "footnote" || lines.length > 4 || text.length > MAX_CHARS)
    return false;
  if (!/\p{L}/u.test(text) || isCaption(group) || hasWideGap(group)) return false;
  if (!lines.every(({ page }) => page === line.page)) return false;
  if (line.size >= LARGER * typography.bodySize) return kind === "text" || lines.length <= 2;
  if (kind === "list_item" && findMarker(line.text)?.isNumber !== true) return false;
  if (lines.length > 2 || text.length > MAX_BOLD_CHARS || /[.,;:]$/.test(text)) return false;
  if (!isSpaced(group, before, typography)) return false;
  if (isAloneAndShort(group, before, after, typography)) {
    if (line.size >= LITTLE_LARGER * typography.bodySize) return true;
    if (SECTION_NUMBER.test(text) && (line.isItalic || isCentredOver(line, after))) return true;
  }
  const isBold = typography.isBoldRare && lines.every(({ isBold: is }) => is);
  if (isBold)
    return (
      (rules >= 4 ? BOLD_START : /^[\p{Lu}\p{Lo}\p{N}(§]/u).test(text) &&
      !(kind === "list_item" && after?.kind === "list_item" && !isApart(group, after, typography))
    );
  if (kind === "text" && KNOWN.test(text.trim())) return isApart(group, after, typography);
  const isItalic = lines.length === 1 && line.isItalic && text.length < 80 && /^\p{Lu}[^=]*$/u.test(text);
  if (kind === "text" && isItalic && typography.isItalicRare && isApart(group, after, typography))
    return true;
  return (
    kind === "text" &&
    isInCapitals(text) &&
    (rules < 4 || /\p{Lu}{3}/u.test(text)) &&
    line.size >= 0.85 * typography.bodySize &&
    isApart(group, after, typography)
  );
}

/** Bold type of a fixed width between text or smaller code, which is itself not smaller than the text. */
function isTypewritten(
  { kind, lines }: Group,
  before: Group | undefined,
  after: Group | undefined,
  { bodySize }: Typography,
): boolean {
  const size = lines[0]?.size ?? 0;
  const isAmongCode = [before, after].some(
    (group) => group?.kind === "code" && (group.lines[0]?.size ?? 0) > 0.9 * size,
  );
  return (
    kind === "code" &&
    !isAmongCode &&
    lines.length <= 2 &&
    lines.every((line) => line.isBold && line.size >= 0.95 * bodySize)
  );
}

/** Dashes may stand around a heading that is centred. */
const BOLD_START = /^(?:[-–—]{1,3} )?[\p{Lu}\p{Lo}\p{N}(§]/u;

/** A line with room around it that begins like a heading, and is no item among others. */
function isAloneAndShort(
  group: Group,
  before: Group | undefined,
  after: Group | undefined,
  typography: Typography,
): boolean {
  const { lines, kind } = group;
  const text = textOf(group);
  const isAmongItems = kind === "list_item" && (before?.kind === "list_item" || after?.kind === "list_item");
  return (
    lines.length === 1 &&
    text.length < 80 &&
    /^[\p{Lu}\p{N}]/u.test(text) &&
    text.replace(/\P{L}/gu, "").length * 2 > text.length &&
    !isAmongItems &&
    isApart(group, after, typography)
  );
}

const SECTION_NUMBER = /^(?:[IVX]{1,5}|[A-Z]|\d{1,2}(?:\.\d{1,2})*)\.?\s+\p{Lu}/u;

/** Whether a line stands over the middle of a paragraph that is wider. */
function isCentredOver({ box, size, page }: Line, after: Group | undefined): boolean {
  const below = after?.lines.slice(0, 3).filter((line) => line.page === page) ?? [];
  if (after?.kind !== "text" || below.length < 2) return false;
  const [left, , right] = enclose(below.map((line) => line.box));
  return (
    Math.abs(box[0] + box[2] - left - right) < 2 * size &&
    box[0] - left > 2 * size &&
    right - box[2] > 2 * size
  );
}

/** Capitals, as "RESULTS" or "II. RELATED WORK"; one short word of them may be an abbreviation. */
function isInCapitals(text: string): boolean {
  const letters = text.replace(/\P{L}/gu, "");
  return (
    letters.length >= 5 &&
    letters === letters.toUpperCase() &&
    letters !== letters.toLowerCase() &&
    !/\d{3}/.test(text) &&
    text.length < 80
  );
}

function hasWideGap({ lines, kind }: Group): boolean {
  return lines.some(({ fragments, size }) =>
    fragments.some(({ box }, index) => {
      const before = fragments[index - 1];
      return (
        before !== undefined && index > (kind === "list_item" ? 1 : 0) && box[0] - before.box[2] > 4 * size
      );
    }),
  );
}

/** More room above than between the lines of a paragraph, or a column or page that begins. */
function isSpaced(group: Group, before: Group | undefined, { leadingOf }: Typography): boolean {
  const [line, last] = [group.lines[0], before?.lines.at(-1)];
  if (!line || !last || last.page !== line.page || last.baseline > line.baseline) return true;
  return (
    line.baseline - last.baseline > 1.12 * Math.max(leadingOf(line.size), leadingOf(last.size)) ||
    last.isBold !== line.isBold
  );
}

function isApart(group: Group, after: Group | undefined, { leadingOf }: Typography): boolean {
  const [line, next] = [group.lines.at(-1), after?.lines[0]];
  if (!line || !next || next.page !== line.page || next.baseline < line.baseline) return true;
  return next.baseline - line.baseline > 1.1 * Math.min(leadingOf(line.size), leadingOf(next.size));
}

/** Headings that need no other sign. */
const KNOWN =
  /^(?:abstract|references|bibliography|acknowledge?ments?|contents|table of contents|index|introduction|conclusions?|appendix|daftar pustaka|abstrak|literatur)$/iu;

const ABSTRACT = /^(?:abstract|summary|zusammenfassung|abstrak|résumé|resumen)\b/iu;

/** Authors and dates stand between the title and the abstract, or under the title in a larger size that comes nowhere else. */
function withoutByline(
  groups: readonly Group[],
  candidates: readonly Group[],
  { bodySize }: Typography,
  rules: PdfRules,
): Group[] {
  const [title] = candidates;
  if (!title) return [];
  const places = new Map(groups.map((group, index) => [group, index]));
  const placeOf = (group: Group) => places.get(group) ?? 0;
  const isFirstPage = ({ lines }: Group) => lines[0]?.page === 1;
  const abstract = groups.find((group) => isFirstPage(group) && ABSTRACT.test(textOf(group)));
  const text = groups.find(
    (group) => placeOf(group) > placeOf(title) && !candidates.includes(group) && textOf(group).length > 60,
  );
  const item =
    rules >= 4 ? groups.find((group) => placeOf(group) > placeOf(title) && isBehindByline(group)) : text;
  const end = abstract
    ? placeOf(abstract)
    : Math.min(text ? placeOf(text) : 0, item ? placeOf(item) : Infinity);
  const least = rules >= 4 ? 0.95 * bodySize : bodySize;
  const later = new Set(candidates.filter((group) => placeOf(group) > end).map(keyOf));
  return candidates.filter((group) => {
    if (group === title || placeOf(group) >= end || !isFirstPage(group)) return true;
    if (keyOf(group) === keyOf(title)) return true;
    if (abstract) return false;
    return later.has(keyOf(group)) || group.lines.every(({ isBold, size }) => isBold && size >= least);
  });
}

/** Names and dates are no items and no code. */
function isBehindByline({ kind }: Group): boolean {
  return kind === "list_item" || kind === "code";
}

/** Headings with numbers are as deep as these say. */
function applyNumbers(levels: Map<Group, number>): void {
  const numbered = [...levels.keys()].flatMap((group) => {
    const [, number] = /^(\d+(?:\.\d+)*)\.?\s+\S/.exec(textOf(group)) ?? [];
    return number === undefined ? [] : [{ group, depth: number.split(".").length }];
  });
  if (numbered.length < 3) return;
  const tops = numbered.filter(({ depth }) => depth === 1).map(({ group }) => levels.get(group) ?? 1);
  if (tops.length === 0) return;
  const top = Math.min(...tops);
  for (const { group, depth } of numbered) levels.set(group, Math.min(6, top + depth - 1));
}

/** The only heading of the largest size is the title, if the document begins with it. */
function withTitle(headings: readonly Group[], levels: Map<Group, number>): Map<Group, number> {
  const [first] = headings;
  const isTitle =
    first !== undefined &&
    first.lines[0]?.page === 1 &&
    headings.filter((group) => keyOf(group) >= keyOf(first)).length === 1;
  if (!isTitle || headings.length < 2) return levels;
  const least = Math.min(
    ...headings.filter((group) => group !== first).map((group) => levels.get(group) ?? 1),
  );
  return new Map(
    headings.map((group) => [group, group === first ? 0 : (levels.get(group) ?? 1) - least + 1]),
  );
}
