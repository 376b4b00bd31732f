import { cutSpans, type Draft, inlineFields } from "../drafts.ts";
import type { DocxBlocks } from "./blocks.ts";

/** Headings and lists that their writer made by bold type and typed signs, without a style or a numbering. Changes the drafts. */
export function markTypedStructure({ drafts, boldLines }: Pick<DocxBlocks, "drafts" | "boldLines">): void {
  markHeadings(drafts, boldLines);
  markItems(drafts);
}

const MAX_HEADING_UNITS = 100;
const MAX_LEVELS = 3;

/** Only in a document without any heading by style, where a bold line above other text can hardly be anything else. */
function markHeadings(drafts: readonly Draft[], boldLines: ReadonlyMap<Draft, number>): void {
  if (drafts.some(({ type }) => type === "heading")) return;
  const found = drafts.filter((draft, index) => {
    const next = drafts[index + 1];
    return next !== undefined && boldLines.has(draft) && isLine(draft) && next.role === undefined;
  });
  const paragraphs = drafts.filter(({ type }) => type === "paragraph");
  // Where most lines are bold, bold says nothing.
  if (found.length * 2 > paragraphs.length) return;
  const sizes = [...new Set(found.map((draft) => boldLines.get(draft) ?? 0))].sort((a, b) => b - a);
  for (const draft of found) {
    const place = sizes.indexOf(boldLines.get(draft) ?? 0);
    draft.type = "heading";
    draft.level = Math.min(place + 1, MAX_LEVELS);
  }
}

function isLine({ type, text, role, parent }: Draft): boolean {
  if (type !== "paragraph" || role !== undefined || parent !== undefined) return false;
  return text.length <= MAX_HEADING_UNITS && /\p{L}/u.test(text) && !/[\n\t]|[.,;:!]$/u.test(text);
}

/** A bullet that is nothing else, a dash or star, a number or a letter, each before the text of an item. */
const MARKER = /^(?:([•‣◦▪●○■□➢✓])|([-–—*])|\(?(?:(\d{1,3})|([a-z]))[.)])\s+(?=\S)/u;

type Typed = { draft: Draft; marker: string; length: number; sign: string; value: number };

/** Paragraphs below each other with the same bullet, or with numbers that count from one. Dashes and numbers need two of them. */
function markItems(drafts: readonly Draft[]): void {
  let row: Typed[] = [];
  const finish = () => {
    const isBullet = /[•‣◦▪●○■□➢✓]/u.test(row[0]?.sign ?? "");
    if (row.length > (isBullet ? 0 : 1)) row.forEach(toItem);
    row = [];
  };
  for (const draft of drafts) {
    const typed = typedOf(draft);
    const last = row.at(-1);
    if (typed && last && last.sign === typed.sign && (typed.value === 0 || typed.value === last.value + 1)) {
      row.push(typed);
      continue;
    }
    finish();
    if (typed && typed.value <= 1) row.push(typed);
  }
  finish();
}

/** `value` is that of a number or letter, 0 for bullets. Rows are of one `sign`. */
function typedOf(draft: Draft): Typed | null {
  if (draft.type !== "paragraph" || draft.role !== undefined || draft.parent !== undefined) return null;
  const match = MARKER.exec(draft.text);
  if (!match) return null;
  const [all, bullet, dash, number, letter] = match;
  const sign = bullet ?? dash ?? (number === undefined ? "letter" : "number");
  const value =
    number === undefined ? (letter === undefined ? 0 : letter.charCodeAt(0) - 96) : Number(number);
  return { draft, marker: all.trim(), length: all.length, sign, value };
}

/** The sign leaves the text and becomes the marker. */
function toItem({ draft, marker, length }: Typed): void {
  draft.type = "list_item";
  draft.level = 1;
  draft.marker = marker;
  draft.text = draft.text.slice(length);
  const links = cutSpans(draft.links ?? [], length, length + draft.text.length);
  const marks = cutSpans(draft.marks ?? [], length, length + draft.text.length);
  if (links.length === 0) delete draft.links;
  if (marks.length === 0) delete draft.marks;
  Object.assign(draft, inlineFields({ links, marks }));
}
