import { rowsOf } from "./rows.ts";

/** In the order of preference: commas also stand in numbers and words, the others seldom in every row. */
const DELIMITERS = ["\t", ";", "|", ","] as const;

const SAMPLE_UNITS = 64 * 1024;
const SAMPLE_ROWS = 200;

/** What Excel writes before the first row to name the delimiter. */
const DIRECTIVE = /^sep=(.)(?:\r\n?|\n|$)/;

/** The delimiter of a text, and where its rows start: after a directive that names it. */
export function findDelimiter(
  source: string,
  mediaType: string,
  allowsBlanks: boolean,
): { delimiter: string; start: number } {
  const directive = DIRECTIVE.exec(source);
  if (directive?.[1]) return { delimiter: directive[1], start: directive[0].length };
  const sample = source.slice(0, SAMPLE_UNITS);
  if (mediaType === "text/tab-separated-values" && sample.includes("\t"))
    return { delimiter: "\t", start: 0 };
  const shares = DELIMITERS.map((delimiter) => ({
    delimiter,
    share: shareOfEqualRows(sample, delimiter, allowsBlanks),
  }));
  const best = shares.reduce((a, b) => (b.share > a.share ? b : a));
  return { delimiter: best.share > 0 ? best.delimiter : ",", start: 0 };
}

/** The share of rows that have the most common number of fields; 0 where most rows have one field. */
function shareOfEqualRows(sample: string, delimiter: string, allowsBlanks: boolean): number {
  const counts = new Map<number, number>();
  let rows = 0;
  for (const { fields } of rowsOf(sample, delimiter, { allowsBlanks })) {
    counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
    rows += 1;
    if (rows === SAMPLE_ROWS) break;
  }
  const [width, most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [1, 0]);
  return width === 1 ? 0 : most / rows;
}
