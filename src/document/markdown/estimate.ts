const TOKENS_PER_LINE = 7;
const TOKENS_PER_MARK = 6;

/** Marks that each make tokens. */
const MARKS = new Set(new TextEncoder().encode("*_~`[]<&\\|#>-+$"));

/** Marks whose end the parser may look for through the rest of their paragraph. */
const OPENING_MARKS = new Set(new TextEncoder().encode("`[<($>='\""));

/** What the parser may do for each character, at most, before it gives the text up: see `WorkMeter`. */
const MAX_UNITS_PER_BYTE = 112;

/** So much of the meter's work takes as long as a token. */
const UNITS_PER_TOKEN = 30;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * An upper bound of the parser's time for these bytes of text, in tokens of a microsecond or two each: tokens by lines
 * and marks, and for each paragraph what looking for ends may take. One pass.
 */
export function estimateTokens(bytes: Uint8Array): number {
  let [tokens, length, openings, lineLength] = [0, 0, 0, 0];
  const endParagraph = () => {
    tokens += (length * Math.min(openings, MAX_UNITS_PER_BYTE)) / UNITS_PER_TOKEN;
    length = 0;
    openings = 0;
  };
  for (const byte of bytes) {
    length += 1;
    if (byte === NEWLINE) {
      tokens += TOKENS_PER_LINE;
      if (lineLength === 0) endParagraph();
      lineLength = 0;
    } else if (byte !== CARRIAGE_RETURN) {
      lineLength += 1;
      if (MARKS.has(byte)) tokens += TOKENS_PER_MARK;
      if (OPENING_MARKS.has(byte)) openings += 1;
    }
  }
  endParagraph();
  return Math.round(tokens);
}
