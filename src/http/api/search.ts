import { z } from "zod";
import { DEFAULT_HITS, readSearchRequest } from "../../flow/search/search-request.ts";
import { type FilterName, MAX_QUERY_UNITS } from "../../search/query.ts";
import { readQuery } from "../query.ts";
import { jsonReply } from "../reply.ts";
import type { Services } from "./services.ts";

const text = (maxUnits: number) =>
  z
    .string()
    .max(maxUnits, `takes up to ${maxUnits} characters`)
    .refine(
      (value) => value.isWellFormed() && !value.includes("\0"),
      "holds a character that is not accepted",
    );

const filter = text(200).optional();

const filterParameters = {
  type: filter,
  run: filter,
  status: filter,
  after: filter,
  before: filter,
  page: filter,
  has: filter,
} satisfies Record<FilterName, typeof filter>;

const searchQuery = z.strictObject({
  q: text(MAX_QUERY_UNITS).default(""),
  ...filterParameters,
  limit: z.coerce.number().default(DEFAULT_HITS),
  cursor: z.string().optional(),
});

/** `GET /search`: the chunks that match best. `next` is the `cursor` of the following page. */
export async function searchChunks(services: Services, request: Request): Promise<Response> {
  return jsonReply(await services.search(readSearchRequest(readQuery(request.url, searchQuery))));
}
