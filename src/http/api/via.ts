import type { Actor } from "../../domain/journal.ts";

/** Said by the pages to their API, in this process or over HTTP, for the journal to tell a click from a program. */
const HEADER = "jejakekal-via";

export const VIA_PAGE: Readonly<Record<string, string>> = { [HEADER]: "page" };

export function viaOf({ headers }: Request): Actor["via"] {
  return headers.get(HEADER) === "page" ? "page" : "api";
}
