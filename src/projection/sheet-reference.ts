import { parseMediaType } from "../document/media-type.ts";
import type { SourceAnchor } from "../document/schema.ts";

/** A place in a sheet: column and row from 0. */
export type CellPlace = Readonly<{ col: number; row: number }>;

const SHEET_TYPES: ReadonlySet<string> = new Set([
  "text/csv",
  "text/tab-separated-values",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
]);

/** Whether the tables of a format have columns with letters and rows with numbers. */
export function hasSheets(mediaType: string): boolean {
  return SHEET_TYPES.has(parseMediaType(mediaType).essence);
}

/** The first cell of a table; the first of its sheet where the source has no references. */
export function cellAt(anchors: readonly SourceAnchor[]): CellPlace {
  const anchor = anchors.find(({ k }) => k === "cell");
  const [, letters, number] = /^([A-Z]+)(\d+)/.exec(anchor?.k === "cell" ? anchor.ref : "A1") ?? [];
  const col = [...(letters ?? "A")].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { col, row: Number(number ?? 1) - 1 };
}

/** 0 is "A", 26 is "AA". */
export function columnLetters(col: number): string {
  const rest = Math.floor(col / 26);
  return (rest === 0 ? "" : columnLetters(rest - 1)) + String.fromCharCode(65 + (col % 26));
}
