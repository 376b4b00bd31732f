import type { Block, DocIR } from "../schema.ts";
import { countTokens } from "./tokens.ts";

/** The rows of headers that a cut table repeats, and their tokens with the newline behind them. */
export type TableHeader = Readonly<{ text: string; tokens: number }>;

const NONE: TableHeader = { text: "", tokens: 0 };

/** The first rows of a table in which all cells are headers; its cells come row by row. None where they would take more than half of a chunk. */
export function headerOf({ text }: DocIR, { table, span }: Block, maxTokens: number): TableHeader {
  if (!table) return NONE;
  const firstOfBody = table.cells.find(({ header }) => !header)?.r ?? 0;
  const last = table.cells[table.cells.findIndex(({ r }) => r >= firstOfBody) - 1];
  if (!last) return NONE;
  const header = text.slice(span[0], last.span[1]).trim();
  // A longer one is not worth the time to count it: no token of text is shorter on average than half a unit.
  if (header === "" || header.length > 16 * maxTokens) return NONE;
  const tokens = countTokens(`${header}\n`);
  return 2 * tokens > maxTokens ? NONE : { text: header, tokens };
}
