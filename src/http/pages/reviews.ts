import { renderReview, renderReviewCount } from "../../views/fragments.tsx";
import type { Problem } from "../../views/model.ts";
import { type ReviewFields, type ReviewModel, reviewAddress } from "../../views/review/review.tsx";
import { readBody } from "../body.ts";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import { seeOther } from "./notice-reply.ts";
import type { PageRequest } from "./page-request.ts";
import { titleOf } from "./whole-page.ts";

/** `GET /review`: the queue. */
export function showReviewPage(client: ApiClient, { query }: PageRequest): Promise<Page> {
  return showQueue(client, readFields(query), query.get("after") ?? "", null);
}

/** `GET /ui/review/count`: how many passages are open, for the bar above every page; nothing when it cannot be read. */
export async function showOpenReviews(client: ApiClient): Promise<Page> {
  const answer = await client.listReviews({ state: "open", reason: "", run: "" }, "", 1);
  return { html: renderReviewCount(answer.ok ? answer.value.open : 0) };
}

/** A form of a decision: three short fields and a note. */
const MAX_FORM_BYTES = 32 * 1024;

/** `POST /ui/review/:id`: records the decision of a form and leads back to the queue. */
export async function decideOnPage(
  client: ApiClient,
  id: string,
  request: Request,
): Promise<Page | Response> {
  const form = new URLSearchParams(new TextDecoder().decode(await readBody(request, MAX_FORM_BYTES)));
  const fields = readFields(form);
  const note = form.get("note")?.trim() ?? "";
  const answer = await client.review(id, {
    decision: form.get("decision"),
    ...(note === "" ? {} : { note }),
  });
  return answer.ok ? seeOther(reviewAddress(fields)) : showQueue(client, fields, "", answer.problem);
}

async function showQueue(
  client: ApiClient,
  fields: ReviewFields,
  after: string,
  refused: Problem | null,
): Promise<Page> {
  const answer = await client.listReviews(fields, after);
  const title = titleOf(answer.ok && answer.value.open > 0 ? `Review (${answer.value.open})` : "Review");
  const model: ReviewModel = answer.ok
    ? { kind: "queue", fields, ...answer.value, isFirstPage: after === "", refused }
    : { kind: "problem", fields, problem: answer.problem };
  const status = answer.ok ? (refused?.status ?? 200) : answer.problem.status;
  return { html: renderReview(title, ASSET_URLS, model), status };
}

function readFields(query: URLSearchParams): ReviewFields {
  const fieldOf = (name: keyof ReviewFields) => (query.get(name) ?? "").trim().slice(0, 128).toWellFormed();
  return { state: fieldOf("state"), reason: fieldOf("reason"), run: fieldOf("run") };
}
