import { z } from "zod";
import { DECISIONS, parseReview, readReviewId } from "../../domain/review.ts";
import { isRunId } from "../../domain/run.ts";
import { Failure } from "../../failure.ts";
import { decideReview, listReviews } from "../../flow/review.ts";
import { readOptionalJson } from "../body.ts";
import { limitParameter, readQuery } from "../query.ts";
import { jsonReply } from "../reply.ts";
import { senderOf } from "../via.ts";
import type { Services } from "./services.ts";

const STATES = ["open", ...DECISIONS, "all"] as const;

const reviewsQuery = z.strictObject({
  state: z.enum(STATES, `takes ${STATES.join(", ")}`).default("open"),
  run: z.string().refine(isRunId, "takes the id of a run").optional(),
  reason: z
    .string()
    .regex(/^[a-z_]{1,64}$/, "takes the name of a confidence rule")
    .optional(),
  limit: limitParameter,
  after: z
    .string()
    .regex(/^\d{1,15}$/, "takes the next of an earlier answer")
    .transform(Number)
    .default(0),
});

/** `GET /review`: the doubtful passages of all runs, oldest first; `next` is the `after` of the following page. */
export async function showReviews(services: Services, request: Request): Promise<Response> {
  return jsonReply(await listReviews(depsOf(services), readQuery(request.url, reviewsQuery)));
}

/** `POST /review/:id` */
export async function reviewItem(services: Services, id: string, request: Request): Promise<Response> {
  const decided = parseReview(await readOptionalJson(request), senderOf(request));
  const ref = readReviewId(id);
  if (ref === null)
    throw new Failure("review_item_not_found", { review_id: id.slice(0, 200).toWellFormed() });
  return jsonReply(await decideReview(depsOf(services), ref, decided));
}

function depsOf({ store, kernel }: Services) {
  return { store, node: kernel.node };
}
