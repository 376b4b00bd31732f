export interface Column {
  readonly name: string;
  /** The oid of the Postgres type. */
  readonly typeId: number;
}

/** Types that psql aligns to the right: int2/4/8, float4/8, numeric, money, oid, xid, cid, xid8. */
const NUMERIC_TYPE_IDS = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

/** A field or a column name as the lines that it takes on a terminal. */
type Cell = readonly string[];

type Layout = Readonly<{ width: number; isNumeric: boolean }>;

/** A result in text format (null is SQL's NULL) as psql prints it, byte for byte, with the newline at the end. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
): string {
  const header = columns.map(({ name }) => toCell(name));
  const cells = rows.map((row) => row.map((value) => toCell(value ?? "")));
  const layout = columns.map(
    ({ typeId }, index): Layout => ({
      width: cells.reduce((width, row) => widest(width, row[index]), widest(0, header[index])),
      isNumeric: NUMERIC_TYPE_IDS.has(typeId),
    }),
  );
  const rule = layout.map(({ width }) => "-".repeat(width + 2)).join("+");
  const count = rows.length === 1 ? "(1 row)" : `(${rows.length} rows)`;
  const body = cells.flatMap((row) => formatRow(row, layout));
  return `${[...formatHeader(header, layout), rule, ...body, count, ""].join("\n")}\n`;
}

function widest(width: number, cell: Cell = []): number {
  return cell.reduce((most, line) => Math.max(most, displayWidth(line)), width);
}

function formatHeader(header: readonly Cell[], layout: readonly Layout[]): string[] {
  return joinLines(header, layout, (text, { width }, isContinued) => {
    const free = width - displayWidth(text);
    const left = " ".repeat(Math.floor(free / 2));
    const right = " ".repeat(Math.ceil(free / 2));
    return ` ${left}${text}${right}${isContinued ? "+" : " "}`;
  });
}

function formatRow(row: readonly Cell[], layout: readonly Layout[]): string[] {
  return joinLines(row, layout, (text, { width, isNumeric }, isContinued, isLast) => {
    const padding = " ".repeat(width - displayWidth(text));
    if (isNumeric && text !== "") return ` ${padding}${text}${isContinued ? "+" : isLast ? "" : " "}`;
    if (isContinued) return ` ${text}${padding}+`;
    return isLast ? ` ${text}` : ` ${text}${padding} `;
  });
}

/** Prints cells side by side. A cell is `isContinued` when it has more lines, which psql marks with a `+`. */
function joinLines(
  row: readonly Cell[],
  layout: readonly Layout[],
  print: (text: string, layout: Layout, isContinued: boolean, isLast: boolean) => string,
): string[] {
  const height = row.reduce((most, cell) => Math.max(most, cell.length), 1);
  return Array.from({ length: height }, (_, line) =>
    layout
      .map((column, index) => {
        const cell = row[index] ?? [];
        return print(cell[line] ?? "", column, line < cell.length - 1, index === layout.length - 1);
      })
      .join("|"),
  );
}

function toCell(text: string): Cell {
  return text.split("\n").map(escapeControls);
}

/** A tab fills to a multiple of eight columns and other control characters are escaped, so that columns stay aligned. */
function escapeControls(line: string): string {
  let shown = "";
  for (const char of line) {
    const code = char.codePointAt(0) ?? 0;
    if (char === "\t") shown += " ".repeat(8 - (displayWidth(shown) % 8));
    else if (char === "\r") shown += "\\r";
    else if (code < 0x20 || code === 0x7f) shown += `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
    else if (code >= 0x80 && code < 0xa0) shown += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
    else shown += char;
  }
  return shown;
}

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const DOUBLE_WIDTH =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

/** The number of terminal columns that the text takes. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += ZERO_WIDTH.test(char) ? 0 : DOUBLE_WIDTH.test(char) ? 2 : 1;
  return width;
}
