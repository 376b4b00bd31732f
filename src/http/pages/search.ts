import { renderSearch } from "../../views/fragments.tsx";
import { EMPTY_FIELDS, type SearchFields, type SearchModel } from "../../views/search/search.tsx";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import type { PageRequest } from "./page-request.ts";
import { titleOf } from "./whole-page.ts";

/** `GET /search`: the form, and the answer of the API where there is a query. */
export async function showSearch(client: ApiClient, { query }: PageRequest): Promise<Page> {
  const fields = readFields(query);
  const cursor = query.get("cursor") ?? "";
  const subject = fields.q === "" ? "Search" : `${fields.q.slice(0, 60).toWellFormed()} · Search`;
  const { model, status } = await readModel(client, fields, cursor);
  return { html: renderSearch(titleOf(subject), ASSET_URLS, model), status };
}

async function readModel(
  client: ApiClient,
  fields: SearchFields,
  cursor: string,
): Promise<Readonly<{ model: SearchModel; status: number }>> {
  if (Object.values(fields).every((value) => value === "")) {
    return { model: { kind: "empty", fields }, status: 200 };
  }
  const answer = await client.search(fields, cursor);
  return answer.ok
    ? { model: { kind: "answer", fields, answer: answer.value, isFirstPage: cursor === "" }, status: 200 }
    : { model: { kind: "problem", fields, problem: answer.problem }, status: answer.problem.status };
}

/** A browser sends what a person typed or pasted; characters that no text has are left out. */
function readFields(query: URLSearchParams): SearchFields {
  const names = Object.keys(EMPTY_FIELDS) as (keyof SearchFields)[];
  const entries = names.map((name) => [
    name,
    (query.get(name) ?? "").trim().toWellFormed().replaceAll("\0", ""),
  ]);
  return Object.fromEntries(entries) as SearchFields;
}
