import { RunFailure } from "../../../failure.ts";
import { LIMITS } from "../limits.ts";
import type { OoxmlPackage } from "../package.ts";
import type { Attributes, XmlElement, XmlFrame } from "../xml.ts";
import type { CellFormats } from "./cell-formats.ts";
import {
  type CellPlace,
  type CellRange,
  formatReference,
  moveFormula,
  parseRange,
  parseReference,
} from "./cell-reference.ts";
import { formatGeneral } from "./decimal.ts";
import { decodeEscapes, readString } from "./strings.ts";

/** A cell, with the cells that are merged into it. A sheet has a million of them, so all have the same few fields. */
export type Cell = {
  readonly row: number;
  readonly column: number;
  rowEnd: number;
  columnEnd: number;
  /** As the cell shows it, without blanks around it; never empty. */
  readonly text: string;
  readonly isNumber: boolean;
  /** As it is stored, where that is another text. */
  readonly value: string | undefined;
  readonly formula: string | undefined;
  /** The code of its number format. */
  readonly format: string | undefined;
};

export type Sheet = {
  /** In order of rows, then columns; no two begin at one place. */
  cells: Cell[];
  /** Relationship ids or places in the workbook, by where they are. */
  links: { range: CellRange; id: string | undefined; location: string | undefined }[];
};

/** What the sheets of a workbook share. */
export type SheetContext = Readonly<{
  strings: readonly string[];
  formats: CellFormats;
  /** Called for each cell that is kept; throws when there are too many in the workbook. */
  countCell: () => void;
}>;

/** Counts the cells of a workbook. The function throws RunFailure FAILED_TOO_LARGE beyond the limit. */
export function createCellCounter(): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > LIMITS.cells) throw new RunFailure("FAILED_TOO_LARGE");
  };
}

export function readSheet(ooxml: OoxmlPackage, part: string, context: SheetContext): Sheet {
  const reader = new SheetReader(context);
  ooxml.readPart(part, () => reader.root);
  return reader.finish();
}

/** One reader serves all cells of a sheet, so a cell costs few objects. */
class SheetReader {
  readonly #context: SheetContext;
  readonly #cells: Cell[] = [];
  #isOrdered = true;
  readonly #merges: CellRange[] = [];
  readonly #links: Sheet["links"] = [];
  /** The first formula of each group that shares one. */
  readonly #shared = new Map<string, CellPlace & { formula: string }>();
  #row = -1;
  #column = -1;
  #type = "";
  #style = 0;
  #value = "";
  #formula = "";
  #sharedId: string | undefined;

  constructor(context: SheetContext) {
    this.#context = context;
  }

  readonly root: XmlFrame = {
    open: ({ name }) => {
      if (name === "x:sheetData") return this.#dataFrame;
      if (name === "x:mergeCells") return this.#mergesFrame;
      return name === "x:hyperlinks" ? this.#linksFrame : null;
    },
  };

  readonly #dataFrame: XmlFrame = {
    open: ({ name, attributes }) => {
      if (name !== "x:row") return null;
      const row = Number(attributes.r) - 1;
      this.#row = Number.isSafeInteger(row) && row >= 0 ? row : this.#row + 1;
      this.#column = -1;
      return this.#rowFrame;
    },
  };

  readonly #rowFrame: XmlFrame = {
    open: ({ name, attributes }) => (name === "x:c" ? this.#openCell(attributes) : null),
  };

  readonly #cellFrame: XmlFrame = {
    open: (element) => this.#openInCell(element),
    close: () => this.#closeCell(),
  };

  readonly #valueFrame: XmlFrame = {
    text: (text) => {
      this.#value += text;
    },
  };

  readonly #formulaFrame: XmlFrame = {
    text: (text) => {
      this.#formula += text;
    },
  };

  readonly #mergesFrame: XmlFrame = {
    open: ({ attributes }) => {
      const range = parseRange(attributes.ref ?? "");
      if (range) this.#merges.push(range);
      return null;
    },
  };

  readonly #linksFrame: XmlFrame = {
    open: ({ attributes }) => {
      const range = parseRange(attributes.ref ?? "");
      if (range) this.#links.push({ range, id: attributes["r:id"], location: attributes.location });
      return null;
    },
  };

  finish(): Sheet {
    const cells = this.#isOrdered ? this.#cells : sortCells(this.#cells);
    applyMerges(cells, this.#merges);
    return { cells, links: this.#links };
  }

  #openCell(attributes: Attributes): XmlFrame {
    const place = parseReference(attributes.r ?? "");
    this.#row = place?.row ?? this.#row;
    this.#column = place?.column ?? this.#column + 1;
    this.#type = attributes.t ?? "n";
    this.#style = Number(attributes.s ?? 0);
    this.#value = "";
    this.#formula = "";
    this.#sharedId = undefined;
    return this.#cellFrame;
  }

  #openInCell({ name, attributes }: XmlElement): XmlFrame | null {
    if (name === "x:v") return this.#valueFrame;
    if (name === "x:is") {
      return readString((text) => {
        this.#value = text;
      });
    }
    if (name !== "x:f") return null;
    if (attributes.t === "shared") this.#sharedId = attributes.si;
    return this.#formulaFrame;
  }

  #closeCell(): void {
    const formula = this.#ownFormula();
    if (this.#value === "" && formula === "") return;
    const format = this.#context.formats.formatOf(this.#style);
    const { text, isNumber } = this.#shown(format?.format);
    const shown = text.trim() === "" && formula !== "" ? `=${formula}` : text;
    const trimmed = shown.trim();
    if (trimmed === "") return;
    this.#context.countCell();
    const isPlain = this.#value === shown || this.#type === "s" || this.#type === "inlineStr";
    const [row, column] = [this.#row, this.#column];
    const last = this.#cells[this.#cells.length - 1];
    if (last && (last.row > row || (last.row === row && last.column >= column))) this.#isOrdered = false;
    this.#cells.push({
      row,
      column,
      rowEnd: row + 1,
      columnEnd: column + 1,
      text: trimmed,
      isNumber,
      value: isPlain || this.#value === "" ? undefined : this.#value,
      formula: formula === "" ? undefined : formula,
      format: isNumber ? format?.code : undefined,
    });
  }

  #shown(format: ((number: number) => string) | undefined): { text: string; isNumber: boolean } {
    const value = this.#value;
    switch (this.#type) {
      case "s":
        return { text: this.#context.strings[Number(value)] ?? "", isNumber: false };
      case "b":
        return { text: value === "1" || value === "true" ? "TRUE" : "FALSE", isNumber: false };
      case "n": {
        const number = Number(value);
        if (value.trim() === "" || !Number.isFinite(number)) return { text: value, isNumber: false };
        return { text: format ? format(number) : formatPlain(value, number), isNumber: true };
      }
      case "str":
        return { text: decodeEscapes(value), isNumber: false };
      default:
        return { text: value, isNumber: this.#type === "d" };
    }
  }

  /** The formula of the cell; one that is shared is written only at its first cell. */
  #ownFormula(): string {
    const id = this.#sharedId;
    if (id === undefined) return this.#formula;
    const place = { row: this.#row, column: this.#column };
    if (this.#formula !== "") {
      this.#shared.set(id, { ...place, formula: this.#formula });
      return this.#formula;
    }
    const first = this.#shared.get(id);
    return first ? moveFormula(first.formula, place.row - first.row, place.column - first.column) : "";
  }
}

/** Most numbers are stored as they are shown. */
function formatPlain(value: string, number: number): string {
  return /^-?\d{1,15}$/.test(value) ? value : formatGeneral(number);
}

/** In reading order; of several cells at one place the first one counts. */
function sortCells(cells: Cell[]): Cell[] {
  cells.sort(compare);
  return cells.filter((cell, index) => index === 0 || compare(cells[index - 1] ?? cell, cell) < 0);
}

/** The last range that begins at a cell is merged into it. */
function applyMerges(cells: readonly Cell[], merges: readonly CellRange[]): void {
  if (merges.length === 0) return;
  const byStart = new Map(merges.map((range) => [formatReference(range), range]));
  for (const cell of cells) {
    const range = byStart.get(formatReference(cell));
    if (range === undefined) continue;
    cell.rowEnd = range.rowEnd;
    cell.columnEnd = range.columnEnd;
  }
}

function compare(a: CellPlace, b: CellPlace): number {
  return a.row - b.row || a.column - b.column;
}
