import type { Failure } from "../../failure.ts";
import { renderRefusal } from "../../views/fragments.tsx";
import type { Problem } from "../../views/model.ts";
import {
  failureBody,
  failureReply,
  htmlReply,
  type ListenerName,
  type Page,
  prefersHtml,
  statusOf,
} from "../reply.ts";
import { type ApiClient, problemOf } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import { problemNotice } from "./notice-reply.ts";
import { readPageRequest } from "./page-request.ts";
import { createProblemPage } from "./whole-page.ts";

/** Monitors ask these addresses with any `Accept` or none. */
const NEVER_A_PAGE: ReadonlySet<string> = new Set(["/livez", "/healthz", "/readyz", "/metrics"]);

/** Whether a refusal of this request is shown on a page. Clients that write to the API always get JSON. */
export function wantsProblemPage(request: Request, listener: ListenerName): boolean {
  const { pathname } = new URL(request.url);
  if (NEVER_A_PAGE.has(pathname)) return false;
  if (request.method !== "GET" && !pathname.startsWith("/ui/")) return false;
  return prefersHtml(request.headers, listener);
}

/** A problem as a page of its own; for a fragment or a form, as a notice. */
export function showProblem(client: ApiClient, request: Request, problem: Problem): Promise<Page> {
  const page = readPageRequest(request);
  return page.isFragment || request.method !== "GET"
    ? problemNotice(client, page, problem)
    : createProblemPage(client, page, problem);
}

/**
 * Answers a request that the listener refuses before the app sees it. The page reads nothing from the API, so it has no
 * command list.
 */
export function refuseRequest(failure: Failure, headers: Headers, listener: ListenerName): Response {
  if (!prefersHtml(headers, listener)) return failureReply(failure);
  const problem = problemOf(statusOf(failure.code), failureBody(failure));
  return htmlReply({ html: renderRefusal(problem, ASSET_URLS), status: problem.status });
}
