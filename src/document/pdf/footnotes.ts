import type { Group } from "./group-lines.ts";
import type { Line } from "./lines.ts";
import type { PageContent, Rule } from "./page-content.ts";
import type { TableOrLine } from "./page-lines.ts";
import type { PdfRules } from "./rules.ts";
import type { Typography } from "./style.ts";

/** Footnotes begin below this part of the page, and are smaller than the text by at least this factor. */
const LOWER_PART = 0.45;
const SMALLER = 0.93;

/** Notes are not further below their line than this many times their size. */
const MAX_NOTES_HEIGHT = 15;

/** The number of a note that is drawn together with its text. */
const NUMBER_AND_WORD = /^\d{1,2}(?=\p{Lu}\p{Ll})/u;

const NOTE_MARK = /^(?:\d{1,3}|[*†‡§¶]{1,3})$/u;

/** Takes the footnotes from the end of a column: small lines that begin with a raised number or sign, and what follows each. */
export function splitFootnotes(
  items: readonly TableOrLine[],
  { h, w, rules }: PageContent,
  { bodySize }: Typography,
  pdfRules: PdfRules,
): { body: TableOrLine[]; notes: Group[] } {
  const body: TableOrLine[] = [];
  const notes: Group[] = [];
  let note: Group | null = null;
  for (const item of items) {
    const { line } = item;
    const isSmall = line !== undefined && line.size <= SMALLER * bodySize && line.baseline > LOWER_PART * h;
    const isBegun =
      isSmall &&
      (footnoteMarkerOf(line) !== undefined ||
        ((isNumbered(line) || (pdfRules >= 3 && NUMBER_AND_WORD.test(line.text))) &&
          hasSeparatorAbove(line, rules, w)));
    if (isBegun) {
      const [marker] = (pdfRules >= 3 && NUMBER_AND_WORD.exec(line.text)) || [];
      note = { kind: "footnote", lines: [line], ...(marker && { marker }), skip: 0, textLeft: line.box[0] };
      notes.push(note);
    } else if (isSmall && note && isBelow(line, note)) note.lines.push(line);
    else {
      note = null;
      body.push(item);
    }
  }
  return { body, notes };
}

function isNumbered({ fragments: [mark, next] }: Line): boolean {
  return mark !== undefined && next !== undefined && /^\d{1,3}$/u.test(mark.text);
}

/** Word processors draw a short line over the notes, from the left of their column. */
function hasSeparatorAbove({ box, size }: Line, rules: readonly Rule[], w: number): boolean {
  return rules.some(
    ({ isHorizontal, at, from, to }) =>
      isHorizontal &&
      to - from < 0.45 * w &&
      Math.abs(from - box[0]) < 2 * size &&
      at < box[1] + size &&
      box[1] - at < MAX_NOTES_HEIGHT * size,
  );
}

function isBelow(line: Line, { lines }: Group): boolean {
  const last = lines.at(-1);
  return (
    last !== undefined && line.baseline > last.baseline && line.baseline - last.baseline < 1.6 * line.size
  );
}

/** The raised number or sign at the start of a line. */
export function footnoteMarkerOf(line: Line | undefined): string | undefined {
  const [mark, next] = line?.fragments ?? [];
  if (!line || !mark || !next || !NOTE_MARK.test(mark.text)) return undefined;
  const isRaised = mark.size < 0.9 * next.size && mark.baseline < next.baseline - 0.1 * next.size;
  const isSign = /^\D/.test(mark.text) && mark.baseline <= next.baseline;
  return isRaised || isSign ? mark.text : undefined;
}
