const REASONS: Readonly<Record<string, string>> = {
  low_marker: "marked [low] by the author",
  replacement_character: "characters were lost in decoding",
  private_use_glyph: "private-use characters",
  charset_fallback: "the charset is a guess",
  control_character: "control characters",
  image_without_text: "a picture without a description, in a document without text",
  ambiguous_columns: "the columns of the table are a guess",
  raw_markup: "markup is shown as text",
  read_from_picture: "read from a picture",
};

const WARNINGS: Readonly<Record<string, string>> = {
  attachment_limit: "attachments beyond the limit have no run",
  attachment_nested: "attached mails that hold too many mails in each other have no run",
  attachment_not_read: "some attachments are named, not read",
  charset_unknown: "the declared charset is unknown, so UTF-8 or windows-1252 was read",
  image_without_description: "pictures without a description are left out",
  tracked_insertion: "tracked insertions are read as text",
  tracked_deletion_left_out: "tracked deletions are left out",
  text_from_pictures: "text was read from pictures",
  picture_not_read: "pictures that are too large, or in a coding that is not read, are left out",
  marks_left_out: "only the first of its very many marks, such as emphasis, are kept",
  media_type_differs: "the declared media type is wrong",
};

/** A confidence reason of `docir`, in words. A reason without words of its own is shown by its code. */
export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}

/** The warnings of `docir` or of a memo in words, each once. A warning without words of its own is shown by its code. */
export function warningsInWords(warnings: readonly Readonly<{ code: string }>[]): readonly string[] {
  return [...new Set(warnings.map(({ code }) => WARNINGS[code] ?? code.replaceAll("_", " ")))];
}
