/** A value for an attribute. Kita escapes quotation marks there and leaves ampersands. */
export function attribute(text: string): string {
  return text.replaceAll("&", "&amp;");
}
