import type { Actor } from "../domain/journal.ts";

/** The pages send this header to the API, so that the journal tells a click on a page from a call by a program. */
const HEADER = "jejakekal-via";

export const VIA_PAGE: Readonly<Record<string, string>> = { [HEADER]: "page" };

export function viaOf({ headers }: Request): Actor["via"] {
  return headers.get(HEADER) === "page" ? "page" : "api";
}
