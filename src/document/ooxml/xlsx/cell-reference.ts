/** A place in a sheet; both count from 0. */
export type CellPlace = Readonly<{ row: number; column: number }>;

/** A rectangle of cells; `rowEnd` and `columnEnd` are behind its last row and column. */
export type CellRange = Readonly<{ row: number; column: number; rowEnd: number; columnEnd: number }>;

/** What a sheet can hold: XFD1048576 is its last cell. */
const MAX_ROWS = 1_048_576;
const MAX_COLUMNS = 16_384;

const DOLLAR = 0x24;
const ZERO = 0x30;

/** Reads "B2" or "$B$2"; null for what is no cell of a sheet. */
export function parseReference(reference: string): CellPlace | null {
  let at = reference.charCodeAt(0) === DOLLAR ? 1 : 0;
  const firstLetter = at;
  let column = 0;
  for (let letter = letterAt(reference, at); letter > 0; letter = letterAt(reference, at)) {
    column = column * 26 + letter;
    at += 1;
  }
  const letters = at - firstLetter;
  if (reference.charCodeAt(at) === DOLLAR) at += 1;
  const digits = reference.length - at;
  if (letters === 0 || letters > 3 || digits === 0 || digits > 7) return null;
  let row = 0;
  for (; at < reference.length; at += 1) {
    const digit = reference.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9) || (row === 0 && digit === 0)) return null;
    row = row * 10 + digit;
  }
  return row <= MAX_ROWS && column <= MAX_COLUMNS ? { row: row - 1, column: column - 1 } : null;
}

/** From 1 for "A" or "a" to 26; 0 for what is no letter. */
function letterAt(text: string, at: number): number {
  // The two cases differ in one bit.
  const letter = (text.charCodeAt(at) | 0x20) - 0x60;
  return letter >= 1 && letter <= 26 ? letter : 0;
}

/** Reads "A1:C9", or one cell as a range of it. */
export function parseRange(range: string): CellRange | null {
  const [first = "", last = first] = range.split(":");
  const [from, to] = [parseReference(first), parseReference(last)];
  if (!from || !to) return null;
  return {
    row: Math.min(from.row, to.row),
    column: Math.min(from.column, to.column),
    rowEnd: Math.max(from.row, to.row) + 1,
    columnEnd: Math.max(from.column, to.column) + 1,
  };
}

export function formatReference({ row, column }: CellPlace): string {
  return columnName(column) + (row + 1);
}

export function formatRange({ row, column, rowEnd, columnEnd }: CellRange): string {
  const [first, last] = [
    formatReference({ row, column }),
    formatReference({ row: rowEnd - 1, column: columnEnd - 1 }),
  ];
  return first === last ? first : `${first}:${last}`;
}

function columnOf(letters: string): number {
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

const COLUMN_NAMES = Array.from({ length: MAX_COLUMNS }, (_, column) => {
  let name = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
});

function columnName(column: number): string {
  return COLUMN_NAMES[column] ?? "";
}

/** Strings and quoted sheet names stay as they are; a name that only looks like a reference is longer or is called. */
const REFERENCE = /"[^"]*"|'[^']*'|(?<![\w.])(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(])/g;

/** A formula moved by rows and columns, as Excel stores it once for all the cells that share it. */
export function moveFormula(formula: string, rows: number, columns: number): string {
  return formula.replace(REFERENCE, (whole, fixedColumn, letters, fixedRow, digits) => {
    if (letters === undefined) return whole;
    const column = columnOf(letters) + (fixedColumn === "$" ? 0 : columns);
    const row = Number(digits) - 1 + (fixedRow === "$" ? 0 : rows);
    const isCell = column >= 0 && column < MAX_COLUMNS && row >= 0 && row < MAX_ROWS;
    return isCell ? `${fixedColumn}${columnName(column)}${fixedRow}${row + 1}` : "#REF!";
  });
}
