import type { Comparison } from "../../bundle/compare.ts";
import type { DocIR, Memo } from "../../document/schema.ts";
import { isRunId } from "../../domain/run.ts";
import { shortRunId } from "../../projection/format.ts";
import type { ComparedTexts, CompareModel } from "../../views/compare/compare.tsx";
import { renderCompare } from "../../views/fragments.tsx";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import type { PageRequest } from "./page-request.ts";
import { titleOf } from "./whole-page.ts";

/** `GET /compare`: a form for the ids of two runs, and their comparison. */
export async function showCompare(client: ApiClient, { query }: PageRequest): Promise<Page> {
  const idOf = (name: string) => (query.get(name) ?? "").trim().slice(0, 128).toWellFormed();
  const [left, right] = [idOf("left"), idOf("right")];
  if (!isRunId(left) || !isRunId(right)) {
    return { html: renderCompare(titleOf("Compare"), ASSET_URLS, { kind: "choose", left, right }) };
  }
  return compareRuns(client, left, right);
}

/** `GET /runs/:id/diff/:other` as a page. */
export function showDiff(client: ApiClient, { pathname }: PageRequest, left: string): Promise<Page> {
  return compareRuns(client, left, pathname.slice(pathname.lastIndexOf("/") + 1));
}

async function compareRuns(client: ApiClient, left: string, right: string): Promise<Page> {
  const title = titleOf(`${shortRunId(left)} and ${shortRunId(right)}`);
  const answer = await client.compareRuns(left, right);
  if (!answer.ok) {
    const { problem } = answer;
    const model: CompareModel = { kind: "problem", left, right, problem };
    return { html: renderCompare(title, ASSET_URLS, model), status: problem.status };
  }
  const comparison = answer.value;
  const [memos, docirs] = await Promise.all([
    readTexts<Memo>(client, comparison, "memo"),
    readTexts<DocIR>(client, comparison, "docir"),
  ]);
  return { html: renderCompare(title, ASSET_URLS, { kind: "comparison", comparison, memos, docirs }) };
}

/** The artifacts of both runs; null when they are equal, so that there is nothing to show. */
async function readTexts<Content>(
  client: ApiClient,
  { left, right, artifacts }: Comparison,
  type: "memo" | "docir",
): Promise<ComparedTexts<Content> | null> {
  const result = artifacts.find(({ id }) => id === type)?.result ?? "equal";
  if (result === "equal") return null;
  const read = async (runId: string): Promise<Content | null> => {
    const answer = await client.getArtifact(`${runId}:${type}`);
    // The API checks the hash of an artifact of this program, so its shape is known.
    return answer.ok ? (answer.value.content as Content | null) : null;
  };
  const [leftContent, rightContent] = await Promise.all([read(left), read(right)]);
  return { left: leftContent, right: rightContent };
}
