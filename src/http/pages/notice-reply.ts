import { renderNotice } from "../../views/fragments.tsx";
import type { NoticeModel, Problem } from "../../views/model.ts";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import type { PageRequest } from "./page-request.ts";
import { createProblemPage } from "./whole-page.ts";

/** A fragment that shows a notice and leaves the rest of the page unchanged. */
export function noticeFragment(notice: NoticeModel, status = 200): Page {
  return { html: renderNotice(notice), status, headers: { "hx-reswap": "none" } };
}

/** A problem as a notice: on the page that sent the request, or on a page of its own with the `typed` command kept. */
export async function problemNotice(
  client: ApiClient,
  page: PageRequest,
  problem: Problem,
  typed = "",
): Promise<Page> {
  const notice: NoticeModel = { kind: "problem", problem };
  if (page.isFragment) return noticeFragment(notice, problem.status);
  return createProblemPage(client, page, problem, { typed, notice });
}

/** 303: the browser goes on with a GET of `location`. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}
