import { isContentsEntry, isEntryBefore } from "./contents.ts";
import type { Line } from "./lines.ts";
import { findMarker, type Marker, valuesOf } from "./markers.ts";
import { type Box, enclose, overlap } from "./page-content.ts";
import type { PdfRules } from "./rules.ts";
import { isSameSize, type Typography } from "./style.ts";
import type { PageTable } from "./table.ts";

/** Lines that belong together, before it is known what they are. */
export type Group = {
  kind: "text" | "list_item" | "code" | "footnote";
  lines: Line[];
  marker?: string;
  /** The length of the marker in the first line. */
  skip: number;
  /** Where the text of a list item begins. */
  textLeft: number;
};

export type GroupOrTable =
  | Readonly<{ group: Group; table?: undefined }>
  | Readonly<{ table: PageTable; group?: undefined }>;

const SENTENCE_END = /[.!?:;。！？:]["'”’»)\]]*$/u;

/** How far a list is looked through for the number before or behind. */
const LIST_WINDOW = 60;

/** Bullets that also stand for something else at the start of a line. */
const WEAK_BULLET = /^[-–—*·∙□]$/;

/** Whether lines begin an item of a list; decided with all lines of the document in view. */
export function findListItems(
  lines: readonly Line[],
  dotsByPage: ReadonlyMap<number, readonly Box[]>,
  rules: PdfRules,
): Map<Line, Pick<Group, "marker" | "skip">> {
  const items = new Map<Line, Pick<Group, "marker" | "skip">>();
  const markers = lines.map((line) => findMarker(line.text));
  if (rules >= 3) dropMarkersOfText(lines, markers);
  for (const [index, line] of lines.entries()) {
    const marker = markers[index];
    if (marker && isItem(marker, index, lines, markers)) {
      items.set(line, { marker: marker.text, skip: marker.length });
    } else if (dotsByPage.get(line.page)?.some((dot) => isBulletOf(dot, line))) {
      items.set(line, { marker: "•", skip: 0 });
    }
  }
  return items;
}

/** Takes out what only looks like a marker: numbers in the contents, initials of names, and dashes inside a sentence. */
function dropMarkersOfText(lines: readonly Line[], markers: (Marker | null)[]): void {
  for (const [index, line] of lines.entries()) {
    const marker = markers[index];
    if (!marker) continue;
    const isOfText =
      isContentsEntry(line.text) ||
      isInitial(marker, index, lines, markers) ||
      (WEAK_BULLET.test(marker.text) && goesOnFrom(lines[index - 1], line, markers[index - 1]));
    if (isOfText) markers[index] = null;
  }
}

const CAPITAL = /^\p{Lu}\.$/u;

/** A list that counts in capitals begins with A; other capitals are the initials of names. */
function isInitial(
  marker: Marker,
  index: number,
  lines: readonly Line[],
  markers: readonly (Marker | null)[],
): boolean {
  if (!CAPITAL.test(marker.text)) return false;
  if (/^\p{Lu}\.\s/u.test(lines[index]?.text.slice(marker.length) ?? "")) return true;
  const from = Math.max(0, index - LIST_WINDOW);
  return !markers.slice(from, index + 1).some((other) => other?.text === "A.");
}

/** Whether a line with a dash goes on with the sentence in the line above. */
function goesOnFrom(above: Line | undefined, line: Line, markerAbove: Marker | null | undefined): boolean {
  if (!above || markerAbove || above.page !== line.page || !isSameSize(above.size, line.size)) return false;
  const pitch = line.baseline - above.baseline;
  return (
    pitch > 0 &&
    pitch < 1.6 * line.size &&
    Math.abs(above.box[0] - line.box[0]) < 0.5 * line.size &&
    above.box[2] > line.box[2] - line.size &&
    !SENTENCE_END.test(above.text)
  );
}

function isItem(
  marker: Marker,
  index: number,
  lines: readonly Line[],
  markers: readonly (Marker | null)[],
): boolean {
  if (!marker.isNumber && !WEAK_BULLET.test(marker.text)) return true;
  const own = valuesOf(marker.text);
  const shape = marker.text.replace(/[\p{L}\p{N}]+/u, "#");
  const from = Math.max(0, index - LIST_WINDOW);
  return markers.slice(from, index + LIST_WINDOW + 1).some((other, at) => {
    if (!other || from + at === index || other.text.replace(/[\p{L}\p{N}]+/u, "#") !== shape) return false;
    const [line, near] = [lines[index], lines[from + at]];
    const isAligned =
      line?.page !== near?.page ||
      Math.abs((line?.box[0] ?? 0) - (near?.box[0] ?? 0)) < 1.5 * (line?.size ?? 0) ||
      Math.abs((line?.box[0] ?? 0) - (near?.box[0] ?? 0)) > 10_000;
    if (!marker.isNumber) return isAligned;
    const step = from + at > index ? 1 : -1;
    return isAligned && valuesOf(other.text).some((value) => own.includes(value - step));
  });
}

/** A dot beside the first letter of a line, not far from it. */
function isBulletOf(dot: Box, { box, size, isRightToLeft }: Line): boolean {
  const isOnLine = overlap(dot[1], dot[3], box[1], box[3]) >= 0.8 * (dot[3] - dot[1]);
  const isSmall = dot[2] - dot[0] < 0.62 * size;
  const gap = isRightToLeft ? dot[0] - box[2] : box[0] - dot[2];
  return isOnLine && isSmall && gap > 0.1 * size && gap < 2.2 * size;
}

const LARGER = 1.12;

/** Type of a fixed width that is larger than text and listings is that of headings. */
function isLargeMono({ isMono, isBold, size }: Line, { bodySize, monoSize }: Typography, rules: PdfRules) {
  return rules >= 4 && isMono && size >= LARGER * (isBold ? bodySize : Math.max(bodySize, monoSize));
}

export function beginGroup(
  line: Line,
  item: Pick<Group, "marker" | "skip"> | undefined,
  typography: Typography,
  rules: PdfRules,
): Group {
  if (!item) {
    const isEntry = rules >= 3 && isContentsEntry(line.text);
    const isCode = line.isMono && !isEntry && !isLargeMono(line, typography, rules);
    return { kind: isCode ? "code" : "text", lines: [line], skip: 0, textLeft: line.box[0] };
  }
  return { kind: "list_item", lines: [line], ...item, textLeft: textLeftOf(line, item.skip) };
}

/** The left of the fragment that begins behind the marker. */
function textLeftOf({ fragments, box, size }: Line, skip: number): number {
  if (skip === 0) return box[0];
  const [first, second] = fragments;
  if (first && second && first.text.length < skip) return second.box[0];
  return box[0] + Math.round(0.5 * skip * size);
}

/** Whether a line without a marker goes on with a group: it follows closely, in the same style, at the same place. */
export function continuesGroup(group: Group, line: Line, typography: Typography, rules: PdfRules): boolean {
  const last = group.lines.at(-1);
  const [first] = group.lines;
  if (!last || !first) return false;
  if (rules >= 3 && isBetweenEntries(group, last, line)) return false;
  if (group.kind === "code" ? !line.isMono : isCodeAfter(group, last, line, rules)) return false;
  if (!isSameSize(last.size, line.size)) return false;
  const isBeside = rules >= 4 && group.kind === "code" ? isBesideCode(group, line) : isElsewhere(last, line);
  if (line.page !== last.page || isBeside) return flowsOn(group, last, line);
  const pitch = line.baseline - last.baseline;
  const leading = usualPitch(group, typography);
  if (group.kind === "code") return pitch <= 2.2 * line.size;
  if (pitch > 1.22 * leading + 60) return false;
  return group.kind === "list_item" ? continuesItem(group, last, line) : continuesText(group, last, line);
}

function isBetweenEntries({ kind }: Group, last: Line, line: Line): boolean {
  if (isContentsEntry(last.text) || isEntryBefore(last.text, line.text)) return true;
  return kind === "code" && isContentsEntry(line.text);
}

/** Whether a line in a fixed-width font begins code behind text, and is not the last line of a paragraph that names something. */
function isCodeAfter({ kind, lines }: Group, last: Line, line: Line, rules: PdfRules): boolean {
  if (!line.isMono || last.isMono || line.box[0] === last.box[0]) return false;
  if (rules === 2) return true;
  const indent = last.box[0] - line.box[0];
  const isBelowIndent = lines.length === 1 && kind === "text" && indent > 0 && indent < 3 * line.size;
  return !isBelowIndent || last.box[2] < line.box[2] || SENTENCE_END.test(last.text);
}

/** Not below, or beside. */
function isElsewhere(last: Line, line: Line): boolean {
  return (
    line.baseline < last.baseline + 0.4 * line.size ||
    overlap(last.box[0], last.box[2], line.box[0], line.box[2]) < 0
  );
}

const CODE_WINDOW = 40;

/** Lines of code have any indent, so that the block counts and not its last line. */
function isBesideCode({ lines }: Group, line: Line): boolean {
  const last = lines.slice(-CODE_WINDOW).filter(({ page }) => page === line.page);
  const [left, , right] = enclose(last.map(({ box }) => box));
  return (
    (last.at(-1)?.baseline ?? 0) + 0.4 * line.size > line.baseline ||
    overlap(left, right, line.box[0], line.box[2]) < -3 * line.size
  );
}

function usualPitch({ lines }: Group, { leadingOf }: Typography): number {
  const [first, second] = lines;
  const usual = leadingOf(first?.size ?? 0);
  if (!first || !second || second.page !== first.page) return usual;
  const own = second.baseline - first.baseline;
  return own > 0 && own < 3 * first.size ? Math.min(Math.max(own, 0.9 * usual), 1.5 * usual) : usual;
}

function continuesItem({ lines, textLeft }: Group, last: Line, line: Line): boolean {
  const [first] = lines;
  const left = first?.box[0] ?? 0;
  if (line.isRightToLeft) return Math.abs(line.box[2] - (first?.box[2] ?? 0)) < 2 * line.size;
  const isHanging = Math.abs(line.box[0] - textLeft) < 0.9 * line.size;
  const isFlush = Math.abs(line.box[0] - left) < 0.5 * line.size && !endsEarly(last, line, lines);
  const isAsBefore = lines.length > 1 && Math.abs(line.box[0] - last.box[0]) < 0.5 * line.size;
  return isHanging || isFlush || isAsBefore;
}

/** As the rules of version 2 know an entry of the contents. */
const LEADER = /(?<!\.\s?)(?:\.\s?){5,}\s*(?:\d+|[ivxlc]+)$/u;

function continuesText({ lines }: Group, last: Line, line: Line): boolean {
  const [first] = lines;
  if (LEADER.test(last.text)) return false;
  if (lines.every(({ isBold }) => isBold) && !line.isBold) return false;
  if (line.isBold && !last.isBold && (SENTENCE_END.test(last.text) || endsEarly(last, line, lines)))
    return false;
  const isCentred = Math.abs(line.box[0] + line.box[2] - last.box[0] - last.box[2]) < 2 * line.size;
  if (!isCentred && !line.isRightToLeft) {
    const indent = line.box[0] - last.box[0];
    if (lines.length > 1 && indent > 0.7 * line.size) return false;
    if (lines.length > 1 && indent < -0.7 * line.size && first !== last) return false;
    if (lines.length === 1 && Math.abs(indent) > 0.7 * line.size && SENTENCE_END.test(last.text))
      return false;
  }
  return !(SENTENCE_END.test(last.text) && endsEarly(last, line, lines));
}

/** The first word of the next line would have had room at the end of this one. */
function endsEarly(last: Line, line: Line, lines: readonly Line[]): boolean {
  const right = Math.max(line.box[2], ...lines.map(({ box }) => box[2]));
  const word = line.text.search(/\s/);
  const width =
    ((line.box[2] - line.box[0]) * (word < 0 ? line.text.length : word)) / Math.max(1, line.text.length);
  return right - last.box[2] > width + 1.5 * line.size;
}

/** Whether text at the top of the next column or page goes on with what ended at the bottom of the one before. */
function flowsOn({ kind, lines, marker }: Group, last: Line, line: Line): boolean {
  if (kind === "code") return line.page !== last.page;
  if (kind === "footnote" || line.isBold !== last.isBold || line.isMono) return false;
  const isBelow = line.page === last.page && line.baseline > last.baseline;
  if (isBelow || SENTENCE_END.test(last.text)) return false;
  if (/[\p{L}][-\u2010\u00ad]$/u.test(last.text)) return true;
  if (/^[\p{Ll}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(line.text))
    return lines.length > 1 || marker !== undefined || last.text.length > 25;
  return (
    lines.length > 1 && /[\p{L},]$/u.test(last.text) && last.text.length > 30 && !endsEarly(last, line, lines)
  );
}
