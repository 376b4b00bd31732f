import { type PageParams, readPageParams, readWholeNumber } from "../../projection/page-params.ts";
import type { CommandFilters, Place } from "../../views/model.ts";
import { contextOf } from "../request-context.ts";

/**
 * A parsed request for a page. People type and edit the address of a page by hand, so a parameter that cannot be read is
 * ignored, not refused.
 */
export type PageRequest = Readonly<{
  pathname: string;
  query: URLSearchParams;
  /** htmx asks for a fragment, except when it restores a page from history. */
  isFragment: boolean;
  /** htmx asks for the document alone, because the page has its memo already. */
  isSourceOnly: boolean;
  params: PageParams;
  filters: CommandFilters;
  step: number | null;
  from: number | null;
  place: Place;
  /** `http://HOST:PORT` as the client reached this listener, for the curl commands on the page. */
  origin: string;
}>;

export function readPageRequest(request: Request): PageRequest {
  const { pathname, searchParams: query } = new URL(request.url);
  const { headers } = request;
  return {
    pathname,
    query,
    isFragment: headers.get("hx-request") === "true" && headers.get("hx-history-restore-request") !== "true",
    isSourceOnly: headers.get("hx-target") === "source",
    params: readPageParams(query),
    filters: readFilters(query),
    step: readWholeNumber(query.get("step")),
    from: readWholeNumber(query.get("from")),
    place: {
      span: span(query.get("span")),
      bytes: span(query.get("bytes")),
      at: readWholeNumber(query.get("at")),
      row: readWholeNumber(query.get("row")),
    },
    origin: contextOf(request).origin,
  };
}

function readFilters(query: URLSearchParams): CommandFilters {
  return {
    status: query.get("status") ?? "",
    q: (query.get("q") ?? "").slice(0, 200).toWellFormed().replaceAll("\0", ""),
    before: readWholeNumber(query.get("before"))?.toString() ?? "",
  };
}

/** The address of the page that sent a request by htmx. Only its path and query are used. */
export function senderUrl(request: Request): URL {
  const fallback = "http://page.internal/";
  const url = request.headers.get("hx-current-url") ?? "";
  return new URL(/^https?:\/\//.test(url) && URL.canParse(url) ? url : fallback);
}

/** The polling parameters of the page that sent the request stay as they are. */
export function withParamsOfSender(page: PageRequest, request: Request): PageRequest {
  return { ...page, params: readPageParams(senderUrl(request).searchParams) };
}

/** The filters of the command list on the page that sent the request: they stay in the new address. */
export function filtersOfSender(request: Request): CommandFilters {
  return readFilters(senderUrl(request).searchParams);
}

function span(text: string | null): readonly [number, number] | null {
  const [, from, to] = /^(\d{1,12})-(\d{1,12})$/.exec(text ?? "") ?? [];
  return from === undefined || to === undefined || Number(to) <= Number(from)
    ? null
    : [Number(from), Number(to)];
}
