import { addressOf } from "../projection/page-params.ts";

/** A value for an attribute. Kita escapes quotation marks there and leaves ampersands. */
export function attribute(text: string): string {
  return text.replaceAll("&", "&amp;");
}

/** An address with its query, for an attribute. */
export function addressAttribute(...address: Parameters<typeof addressOf>): string {
  return attribute(addressOf(...address));
}
