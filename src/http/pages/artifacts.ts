import type { Memo } from "../../document/index.ts";
import { addressOf } from "../../projection/page-params.ts";
import type { RunView } from "../../projection/run-view.ts";
import { renderOpened } from "../../views/fragments.tsx";
import type { ExecutionModel, Problem, ViewerModel } from "../../views/model.ts";
import type { Page } from "../reply.ts";
import type { Answer, ApiClient } from "./api-client.ts";
import type { PageRequest } from "./page-request.ts";
import { readExecution } from "./run-state.ts";
import { createWholePage, titleOf } from "./whole-page.ts";

/** `GET /artifacts`: those of all runs, newest first. */
export async function showArtifacts(client: ApiClient, page: PageRequest): Promise<Page> {
  // A form also sends its empty fields.
  const query = new URLSearchParams([...page.query].filter(([, value]) => value !== ""));
  const answer = await client.listArtifacts(query);
  const fieldOf = (name: string) => query.get(name) ?? "";
  const filters = {
    type: fieldOf("type"),
    visibility: fieldOf("visibility"),
    q: fieldOf("q"),
    sha256: fieldOf("sha256"),
  };
  const viewer: ViewerModel = answer.ok
    ? { kind: "list", ...answer.value, filters, nowEpochMs: Date.now() }
    : problemViewer(page, answer.problem);
  const status = statusOf(answer);
  const title = titleOf("Artifacts");
  if (page.isFragment) return { html: renderOpened(title, viewer), status };
  const execution: ExecutionModel = { kind: "idle" };
  return createWholePage(client, page, { title, plane: "artifact", execution, viewer, status });
}

/** `GET /artifacts/:id`: the artifact, on a whole page with the run that made it; a document beside its memo. */
export async function showArtifact(client: ApiClient, page: PageRequest, id: string): Promise<Page> {
  const runId = id.slice(0, id.indexOf(":"));
  const isDocument = id === `${runId}:docir` || id === `${runId}:raw`;
  const reading = Promise.all([
    isDocument ? client.getWindow(id, page.place) : client.getArtifact(id),
    isDocument && !page.isSourceOnly ? readMemo(client, runId) : null,
  ]);
  if (page.isFragment) {
    const [[answer, beside], run] = await Promise.all([reading, client.getRun(runId)]);
    const viewer = viewerOf(page, answer, run.ok ? run.value : null, beside);
    return { html: renderOpened(titleOfArtifact(answer, id), viewer), status: statusOf(answer) };
  }
  const [[answer, beside], run] = await Promise.all([reading, readExecution(client, page, runId)]);
  // A missing or damaged artifact does not hide its run. Without both, the page is about the artifact.
  const execution: ExecutionModel =
    answer.ok || answer.problem.transient || run.kind === "run"
      ? run
      : { kind: "problem", problem: answer.problem, runId: null, poll: null };
  const viewer = viewerOf(page, answer, run.kind === "run" ? run.run : null, beside);
  return createWholePage(client, page, {
    title: titleOfArtifact(answer, id),
    plane: "artifact",
    execution,
    viewer,
    status: statusOf(answer),
  });
}

/** Null while there is none, or when it cannot be read: the document is shown without it. */
async function readMemo(client: ApiClient, runId: string): Promise<Memo | null> {
  const answer = await client.getArtifact(`${runId}:memo`);
  // The API checks the hash of an artifact of this program, so its shape is known.
  return answer.ok ? (answer.value.content as Memo | null) : null;
}

/** `GET /ui/artifacts/:id/json`: the API's JSON, also for a browser. */
export function showArtifactJson(client: ApiClient, id: string): Promise<Response> {
  return client.fetch(`/artifacts/${id}`);
}

type ArtifactAnswer = Awaited<ReturnType<ApiClient["getArtifact"]>>;

function titleOfArtifact(answer: ArtifactAnswer, id: string): string {
  return titleOf(answer.ok ? `${answer.value.meta.type}: ${answer.value.meta.title}` : id);
}

function viewerOf(
  page: PageRequest,
  answer: ArtifactAnswer,
  run: RunView | null,
  beside: Memo | null,
): ViewerModel {
  return answer.ok
    ? { kind: "artifact", detail: answer.value, run, place: page.place, beside, params: page.params }
    : problemViewer(page, answer.problem);
}

function problemViewer({ pathname, query }: PageRequest, problem: Problem): ViewerModel {
  return { kind: "problem", problem, retry: addressOf(pathname, [...query]) };
}

function statusOf(answer: Answer<unknown>): number {
  return answer.ok ? 200 : answer.problem.status;
}
