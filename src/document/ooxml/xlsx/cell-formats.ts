import type { OoxmlPackage } from "../package.ts";
import { builtInFormat, createFormatter, type NumberFormatter } from "./number-format.ts";

export type CellFormat = Readonly<{ code: string; format: NumberFormatter }>;

/** The number formats of a workbook by the style index of a cell. */
export class CellFormats {
  readonly #codes = new Map<number, string>();
  /** The format id of each style. */
  readonly #ids: number[] = [];
  readonly #formats = new Map<number, CellFormat>();
  readonly #is1904: boolean;

  /** `part` is undefined in a workbook without styles. */
  constructor(ooxml: OoxmlPackage, part: string | undefined, is1904: boolean) {
    this.#is1904 = is1904;
    if (part === undefined) return;
    ooxml.readPart(part, () => ({
      open: ({ name }) => {
        if (name === "x:numFmts") return { open: ({ attributes }) => this.#addCode(attributes) };
        return name === "x:cellXfs" ? { open: ({ attributes }) => this.#addStyle(attributes) } : null;
      },
    }));
  }

  /** null for a cell without a format. */
  formatOf(style: number): CellFormat | null {
    const id = this.#ids[style] ?? 0;
    const known = this.#formats.get(id);
    if (known) return known;
    const code = this.#codes.get(id) ?? builtInFormat(id);
    if (code === "General" || code === "@") return null;
    const format = { code, format: createFormatter(code, this.#is1904) };
    this.#formats.set(id, format);
    return format;
  }

  #addCode(attributes: Readonly<Record<string, string>>): null {
    this.#codes.set(Number(attributes.numFmtId), attributes.formatCode ?? "General");
    return null;
  }

  #addStyle(attributes: Readonly<Record<string, string>>): null {
    this.#ids.push(Number(attributes.numFmtId ?? 0));
    return null;
  }
}
