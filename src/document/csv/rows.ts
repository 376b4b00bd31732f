/** A field of a row by its offsets in the source, without the quotes around it. `hasEscapes`: a doubled quote is in it. */
export type Field = { start: number; end: number; hasEscapes: boolean };

/** `end` is before the line ending. */
export type Row = { start: number; end: number; fields: Field[] };

const QUOTE = 0x22;
const BLANK = 0x20;
const LF = 0x0a;
const CR = 0x0d;

/**
 * The rows of delimited text (RFC 4180): quoted fields may hold delimiters, line endings and doubled quotes. Rows end at LF, CRLF
 * or a lone CR; empty lines are left out. A quote that nothing closes is an ordinary character. One pass.
 * `allowsBlanks`: blanks may stand between a delimiter and the quotes of a field.
 */
export function* rowsOf(
  source: string,
  delimiter: string,
  { start = 0, allowsBlanks }: Readonly<{ start?: number; allowsBlanks: boolean }>,
): Generator<Row> {
  const scanner = new Scanner(source, delimiter.charCodeAt(0), allowsBlanks);
  let at = start;
  while (at < source.length) {
    if (isLineEnd(source.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const row: Row = { start: at, end: at, fields: [] };
    for (let isLast = false; !isLast; ) {
      const field = scanner.fieldAt(at);
      row.fields.push(field.field);
      row.end = field.next;
      isLast = source.charCodeAt(field.next) !== delimiter.charCodeAt(0) || field.next >= source.length;
      at = field.next + 1;
    }
    at = row.end;
    yield row;
  }
}

class Scanner {
  readonly #source: string;
  readonly #delimiter: number;
  readonly #allowsBlanks: boolean;
  /** No quote that opens before this offset has an end. */
  #unclosedBefore = 0;

  constructor(source: string, delimiter: number, allowsBlanks: boolean) {
    this.#source = source;
    this.#delimiter = delimiter;
    this.#allowsBlanks = allowsBlanks;
  }

  /** The field at an offset; `next` is the offset of the delimiter or line ending after it. */
  fieldAt(start: number): { field: Field; next: number } {
    const quote = this.#skipBlanks(start);
    if (this.#source.charCodeAt(quote) === QUOTE && quote >= this.#unclosedBefore) {
      const closing = this.#closingQuote(quote);
      const next = closing === null ? quote : this.#skipBlanks(closing.at + 1);
      // What stands between a closing quote and the delimiter makes the field one without quotes.
      if (closing && this.#endsField(next))
        return { field: { start: quote + 1, end: closing.at, hasEscapes: closing.hasEscapes }, next };
    }
    let end = start;
    while (!this.#endsField(end)) end += 1;
    return { field: { start, end, hasEscapes: false }, next: end };
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (this.#allowsBlanks && this.#source.charCodeAt(at) === BLANK) at += 1;
    return at;
  }

  #closingQuote(start: number): { at: number; hasEscapes: boolean } | null {
    let hasEscapes = false;
    for (let at = this.#source.indexOf('"', start + 1); at >= 0; at = this.#source.indexOf('"', at + 2)) {
      if (this.#source.charCodeAt(at + 1) !== QUOTE) return { at, hasEscapes };
      hasEscapes = true;
    }
    this.#unclosedBefore = this.#source.length;
    return null;
  }

  #endsField(at: number): boolean {
    const code = this.#source.charCodeAt(at);
    return at >= this.#source.length || code === this.#delimiter || isLineEnd(code);
  }
}

function isLineEnd(code: number): boolean {
  return code === LF || code === CR;
}
