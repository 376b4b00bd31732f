const REASONS: Readonly<Record<string, string>> = {
  low_marker: "marked [low] by the author",
  replacement_character: "characters were lost in decoding",
  private_use_glyph: "private-use characters",
  charset_fallback: "the charset is a guess",
  control_character: "control characters",
  raw_markup: "markup is shown as text",
};

/** A confidence reason of `docir`, in words. A reason without words of its own is shown by its code. */
export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}
