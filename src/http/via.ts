import type { Sender } from "../domain/journal.ts";
import { identityOf } from "./request-context.ts";

/** The pages send this header to the API, so that the journal tells a click on a page from a call by a program. */
const HEADER = "jejakekal-via";

export const VIA_PAGE: Readonly<Record<string, string>> = { [HEADER]: "page" };

/** Who sent the request, for the journal. */
export function senderOf(request: Request): Sender {
  const via = request.headers.get(HEADER) === "page" ? "page" : "api";
  return { via, token: identityOf(request).token?.name ?? null };
}
