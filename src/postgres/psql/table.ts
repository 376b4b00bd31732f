/** A result as Postgres sends it in text format; null is SQL's NULL. */
export interface TextTable {
  readonly columns: readonly { readonly name: string; readonly typeId: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface TableStyle {
  /** `-A`: fields separated by `|` instead of an aligned table. */
  readonly isUnaligned: boolean;
  /** `-t`: no header and no row count. */
  readonly isTuplesOnly: boolean;
}

/** Types that psql aligns to the right: int2/4/8, float4/8, numeric, money, oid, xid, cid, xid8. */
const NUMERIC_TYPE_IDS = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

/** Prints a table byte for byte as `psql -X` does, the trailing newline included. */
export function formatTable(table: TextTable, style: TableStyle): string {
  return style.isUnaligned ? formatUnaligned(table, style) : formatAligned(table, style);
}

function formatUnaligned({ columns, rows }: TextTable, { isTuplesOnly }: TableStyle): string {
  // Without columns there is nothing to print of a row, not even its end.
  const lines = columns.length === 0 ? [] : rows.map((row) => row.map((value) => value ?? "").join("|"));
  if (!isTuplesOnly) {
    lines.unshift(columns.map(({ name }) => name).join("|"));
    lines.push(countRows(rows));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function countRows(rows: TextTable["rows"]): string {
  return rows.length === 1 ? "(1 row)" : `(${rows.length} rows)`;
}

/** A cell or header as the lines it takes on a terminal. */
type Cell = readonly string[];

interface Column {
  readonly width: number;
  readonly isNumeric: boolean;
}

function formatAligned({ columns, rows }: TextTable, { isTuplesOnly }: TableStyle): string {
  const header = columns.map(({ name }) => toCell(name));
  const cells = rows.map((row) => row.map((value) => toCell(value ?? "")));
  const layout = columns.map(({ typeId }, index): Column => {
    const widest = (width: number, row: readonly Cell[]) =>
      (row[index] ?? []).reduce((most, line) => Math.max(most, displayWidth(line)), width);
    return { width: cells.reduce(widest, widest(0, header)), isNumeric: NUMERIC_TYPE_IDS.has(typeId) };
  });
  const body = columns.length === 0 ? [] : cells.flatMap((row) => formatRow(row, layout));
  if (isTuplesOnly) return `${[...body, ""].join("\n")}\n`;
  const rule = columns.length === 0 ? "--" : layout.map(({ width }) => "-".repeat(width + 2)).join("+");
  const top = columns.length === 0 ? [] : formatHeader(header, layout);
  return `${[...top, rule, ...body, countRows(rows), ""].join("\n")}\n`;
}

function formatHeader(header: readonly Cell[], layout: readonly Column[]): string[] {
  return layLines(header, layout, (text, { width }, goesOn) => {
    const free = width - displayWidth(text);
    const left = " ".repeat(Math.floor(free / 2));
    const right = " ".repeat(Math.ceil(free / 2));
    return ` ${left}${text}${right}${goesOn ? "+" : " "}`;
  });
}

function formatRow(row: readonly Cell[], layout: readonly Column[]): string[] {
  return layLines(row, layout, (text, { width, isNumeric }, goesOn, isLast) => {
    const padding = " ".repeat(width - displayWidth(text));
    if (isNumeric && text !== "") return ` ${padding}${text}${goesOn ? "+" : isLast ? "" : " "}`;
    if (goesOn) return ` ${text}${padding}+`;
    return isLast ? ` ${text}` : ` ${text}${padding} `;
  });
}

/** Lays cells side by side; a cell with more lines than printed so far `goesOn`, which psql marks with a `+`. */
function layLines(
  row: readonly Cell[],
  layout: readonly Column[],
  print: (text: string, column: Column, goesOn: boolean, isLast: boolean) => string,
): string[] {
  const height = longest(row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    layout
      .map((column, index) => {
        const cell = row[index] ?? [];
        return print(cell[line] ?? "", column, line < cell.length - 1, index === layout.length - 1);
      })
      .join("|"),
  );
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 1);
}

function toCell(text: string): Cell {
  return text.split("\n").map(spellOutControls);
}

/** Tabs fill to a multiple of eight and other control characters are spelled out, so that columns stay aligned. */
function spellOutControls(line: string): string {
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

/** Columns that a terminal needs for the text. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += ZERO_WIDTH.test(char) ? 0 : DOUBLE_WIDTH.test(char) ? 2 : 1;
  return width;
}
