const TOKENS_PER_LINE = 7;
const TOKENS_PER_MARK = 6;
const NEWLINE = 0x0a;
const MARK_BYTES = new Set(new TextEncoder().encode("*_~`[]<&\\|#>-+"));

/** About how many tokens the parser would make of these bytes of text, in the order of a microsecond or two each. */
export function estimateTokens(bytes: Uint8Array): number {
  let [lines, marks] = [0, 0];
  for (const byte of bytes) {
    if (byte === NEWLINE) lines += 1;
    else if (MARK_BYTES.has(byte)) marks += 1;
  }
  return TOKENS_PER_LINE * lines + TOKENS_PER_MARK * marks;
}
