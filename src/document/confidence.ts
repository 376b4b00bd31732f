/**
 * Every rule that can lower the confidence of a block. A block starts at 0.95, takes the lowest
 * value of the rules that hold, and lists all of them. Values have two decimals; a block under 0.6 is listed for review.
 */
export const RULES = {
  /** The writer marked the line. */
  low_marker: 0.4,
  /** Characters were lost before or while decoding. */
  replacement_character: 0.5,
  /** Private-use characters mean something only in the font they were written with. */
  private_use_glyph: 0.5,
  /** Text beyond ASCII, in a charset that nobody declared. */
  charset_fallback: 0.55,
  /** A picture that nothing describes, in a document without text: there may be text in the picture. */
  image_without_text: 0.4,
  /** Control characters have no place in text: the source may be binary. */
  control_character: 0.55,
  /** A table without lines, whose columns stand close together or are not filled in most rows. */
  ambiguous_columns: 0.55,
  /** Markup that is text here, because parsing it would take too much work. */
  not_parsed: 0.55,
  /** Text in a picture: the engine that read it says how sure it is. */
  read_from_picture: 0.95,
  /** Text of another markup language, with its tags left out. */
  raw_markup: 0.75,
} as const satisfies Record<string, number>;

export type RuleName = keyof typeof RULES;

export const DEFAULT_CONFIDENCE = 0.95;

/** Below this a block is reviewed. */
export const REVIEW_BELOW = 0.6;

const PATTERNS: readonly (readonly [RuleName, RegExp])[] = [
  ["replacement_character", /\ufffd/],
  ["private_use_glyph", /[\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]/u],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  ["control_character", /[\u0001-\u0008\u000b\u000e-\u001f\u007f]/],
];

/**
 * The confidence of a block, and the rules that hold for it: its reader's own and those about its text, in table order.
 * @param given `confidence`: of an engine in what it read, which is the most that the block can have
 */
export function assessConfidence(
  text: string,
  given: { charsetBy: string; reasons: readonly RuleName[]; confidence?: number },
) {
  const holds = new Set<string>(given.reasons);
  for (const [rule, pattern] of PATTERNS) if (pattern.test(text)) holds.add(rule);
  if (given.charsetBy === "fallback" && /[^\0-\x7f]/.test(text)) holds.add("charset_fallback");
  const reasons = ruleNames().filter((rule) => holds.has(rule));
  const confidence = Math.min(
    given.confidence ?? DEFAULT_CONFIDENCE,
    DEFAULT_CONFIDENCE,
    ...reasons.map((rule) => RULES[rule]),
  );
  return { confidence, reasons };
}

function ruleNames(): RuleName[] {
  return Object.keys(RULES) as RuleName[];
}
