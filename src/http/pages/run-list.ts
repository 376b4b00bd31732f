import { renderRunList } from "../../views/fragments.tsx";
import { EMPTY_RUN_FIELDS, type RunListFields } from "../../views/run-list/fields.ts";
import type { RunListModel } from "../../views/run-list/run-list.tsx";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import type { PageRequest } from "./page-request.ts";
import { titleOf } from "./whole-page.ts";

const RUNS_PER_PAGE = 50;

/** `GET /runs`: the list of runs, with filters. */
export async function showRunList(client: ApiClient, { query }: PageRequest): Promise<Page> {
  const fields = readRunListFields(query);
  const before = query.get("before") ?? "";
  const answer = await client.listRuns(fields, before, RUNS_PER_PAGE);
  const shared = { fields, nowEpochMs: Date.now(), isReadOnly: client.bundle !== null };
  const model: RunListModel = answer.ok
    ? { ...shared, kind: "list", ...answer.value, isFirstPage: before === "" }
    : { ...shared, kind: "problem", problem: answer.problem };
  const status = answer.ok ? 200 : answer.problem.status;
  return { html: renderRunList(titleOf("Runs"), ASSET_URLS, model), status };
}

/** A browser sends what a person typed or pasted; characters that no text has are left out. */
export function readRunListFields(query: URLSearchParams): RunListFields {
  const names = Object.keys(EMPTY_RUN_FIELDS) as (keyof RunListFields)[];
  const entries = names.map((name) => [
    name,
    (query.get(name) ?? "").trim().slice(0, 200).toWellFormed().replaceAll("\0", ""),
  ]);
  return Object.fromEntries(entries) as RunListFields;
}
