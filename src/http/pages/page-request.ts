import { type PageParams, readPageParams } from "../../projection/page-params.ts";
import type { CommandFilters, Place } from "../../views/model.ts";

/**
 * What a request for a page asks for. A page's address is typed and edited by hand, so what cannot be read is left out
 * rather than refused.
 */
export type PageRequest = Readonly<{
  pathname: string;
  query: URLSearchParams;
  /** htmx asks for a part; a page restored from history is a whole page all the same. */
  isFragment: boolean;
  params: PageParams;
  filters: CommandFilters;
  step: number | null;
  from: number | null;
  place: Place;
  /** The address that this listener is reached at, for commands to copy. */
  origin: string;
}>;

export function readPageRequest(request: Request): PageRequest {
  const { pathname, searchParams: query } = new URL(request.url);
  const { headers } = request;
  return {
    pathname,
    query,
    isFragment: headers.get("hx-request") === "true" && headers.get("hx-history-restore-request") !== "true",
    params: readPageParams(query),
    filters: readFilters(query),
    step: wholeNumber(query.get("step")),
    from: wholeNumber(query.get("from")),
    place: {
      span: span(query.get("span")),
      bytes: span(query.get("bytes")),
      at: wholeNumber(query.get("at")),
    },
    origin: originOf(headers),
  };
}

export function readFilters(query: URLSearchParams): CommandFilters {
  return {
    status: query.get("status") ?? "",
    q: (query.get("q") ?? "").slice(0, 200).toWellFormed().replaceAll("\0", ""),
    before: wholeNumber(query.get("before"))?.toString() ?? "",
  };
}

/** The page that a fragment was asked for from; htmx says it. Only its path and query are looked at. */
export function pageOfFragment(request: Request): URL {
  const fallback = "http://page.internal/";
  const said = request.headers.get("hx-current-url") ?? "";
  return new URL(/^https?:\/\//.test(said) && URL.canParse(said) ? said : fallback);
}

/**
 * A form on another site may not speak for the reader. Browsers say where a request comes from; a client that says nothing
 * is no browser, and nobody else's cookies or network position to borrow.
 */
export function isCrossSite(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.headers.get("host");
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function span(text: string | null): readonly [number, number] | null {
  const [, from, to] = /^(\d{1,12})-(\d{1,12})$/.exec(text ?? "") ?? [];
  return from === undefined || to === undefined || Number(to) <= Number(from)
    ? null
    : [Number(from), Number(to)];
}

/** The host a reader typed, if it can stand in a shell command without surprise. */
function originOf(headers: Headers): string {
  const host = headers.get("host") ?? "";
  return `http://${/^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host : "127.0.0.1"}`;
}
