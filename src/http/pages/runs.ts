import { addressOf, filterEntries, pageParamEntries } from "../../projection/page-params.ts";
import { titleOfRun } from "../../projection/run-words.ts";
import { readWatchProgress } from "../../projection/watch.ts";
import {
  renderAttachments,
  renderChangeForm,
  renderChangePage,
  renderNotice,
  renderOpened,
  renderPoll,
  renderRun,
  renderViewer,
} from "../../views/fragments.tsx";
import type { ExecutionModel, NoticeModel, Problem, ViewerModel } from "../../views/model.ts";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import { readCommandForm } from "./command-form.ts";
import { noticeFragment, problemNotice, seeOther } from "./notice-reply.ts";
import { filtersOfSender, type PageRequest, senderUrl, withParamsOfSender } from "./page-request.ts";
import { noticeOf, openRun, readExecution, readMemoViewer } from "./run-state.ts";
import { createWholePage, NO_NOTICE, titleOf, titleOfExecution } from "./whole-page.ts";

/**
 * `GET /runs/:id`: the run, and its memo if it has one. `?step=` marks a step.
 * @param refusal shown on the page when a change to the run was refused
 */
export async function showRun(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  refusal?: Readonly<{ notice: NoticeModel; status: number }>,
): Promise<Page> {
  const execution = await readExecution(client, page, runId);
  const viewer = await readMemoViewer(client, page, execution);
  const { notice, status } = refusal ?? {
    notice: noticeOf(execution, NO_NOTICE),
    status: statusOf(execution),
  };
  const title = titleOfExecution(execution, runId);
  if (!page.isFragment) {
    return createWholePage(client, page, { title, plane: "execution", execution, viewer, notice, status });
  }
  const headers: Record<string, string> = execution.kind === "run" ? {} : { "hx-trigger": "runs-changed" };
  return { html: renderRun(title, execution, viewer, notice), status, headers };
}

/** `GET /runs/:id/citations/:citation`: the run, and in the viewer what is behind a citation of its memo. */
export async function showCitation(client: ApiClient, page: PageRequest, runId: string): Promise<Page> {
  const citationId = page.pathname.slice(page.pathname.lastIndexOf("/") + 1);
  const answer = await client.getCitation(runId, citationId);
  const viewer: ViewerModel = answer.ok
    ? { kind: "citation", lineage: answer.value }
    : { kind: "problem", problem: answer.problem, retry: page.pathname };
  const status = answer.ok ? 200 : answer.problem.status;
  const title = titleOf(`Citation ${citationId}`);
  if (page.isFragment) return { html: renderOpened(title, viewer), status };
  const execution = await readExecution(client, page, runId);
  return createWholePage(client, page, { title, plane: "artifact", execution, viewer, status });
}

/** `GET /ui/runs/:id/poll`: status, run and artifacts in one answer. An event tells the page when the run has ended. */
export async function showPoll(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  request: Request,
): Promise<Page> {
  const progress = readWatchProgress(page.query, Date.now());
  const execution = await readExecution(client, page, runId, progress);
  const hasEnded = execution.kind === "run" && execution.run.status !== "running";
  const headers: Record<string, string> = hasEnded ? { "hx-trigger": "run-ended, runs-changed" } : {};
  // The page of an artifact has a title of its own.
  const isRunPage = senderUrl(request).pathname === `/runs/${runId}`;
  const title = isRunPage && execution.kind === "run" ? titleOfExecution(execution, runId) : null;
  return { html: renderPoll(execution, title), status: statusOf(execution), headers };
}

/** `GET /ui/runs/:id/memo`: the viewer, once the run has ended. */
export async function showMemo(client: ApiClient, page: PageRequest, runId: string): Promise<Page> {
  const execution = await readExecution(client, page, runId);
  return { html: renderViewer(await readMemoViewer(client, page, execution)) };
}

/** `GET /ui/runs/:id/attachments`: the list of a mail, while the runs of its attachments go on. */
export async function showAttachments(client: ApiClient, page: PageRequest, runId: string): Promise<Page> {
  const execution = await readExecution(client, page, runId);
  const html = execution.kind === "run" ? renderAttachments(execution.run) : "";
  return { html, status: statusOf(execution) };
}

/** `GET /ui/runs/:id/json`: the API's JSON, also for a browser. */
export function showRunJson(client: ApiClient, runId: string): Promise<Response> {
  return client.fetch(`/runs/${runId}`);
}

/** `GET /ui/runs/:id/bundle`: the API's bundle, as a file to save. */
export async function downloadBundle(client: ApiClient, runId: string): Promise<Response> {
  const answer = await client.fetch(`/runs/${runId}/bundle`);
  if (!answer.ok) return answer;
  const headers = new Headers(answer.headers);
  headers.set("content-disposition", `attachment; filename="${runId}.bundle.json"`);
  return new Response(answer.body, { status: answer.status, headers });
}

/** `GET /ui/runs/:id/export`: writes the bundle and shows its path. */
export async function exportRun(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  request: Request,
): Promise<Page | Response> {
  const answer = await client.exportRun(runId);
  if (!answer.ok) return refuseChange(client, withParamsOfSender(page, request), runId, answer.problem);
  if (!page.isFragment) return seeOther(`/runs/${runId}`);
  return noticeFragment({ kind: "message", text: `Exported to ${answer.value.run_bundle_path}` });
}

/** `GET /ui/runs/:id/cancel` and `/resume`: the form for the reason, for the dialog of a page or as a page of its own. */
export async function askForReason(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  verb: "cancel" | "resume",
): Promise<Page> {
  const answer = await client.getRun(runId);
  if (!answer.ok) return problemNotice(client, page, answer.problem);
  const change = { runId, verb, title: titleOfRun(answer.value) };
  if (page.isFragment) return { html: renderChangeForm(change) };
  return { html: renderChangePage(titleOf(verb === "cancel" ? "Cancel" : "Resume"), ASSET_URLS, change) };
}

/** `POST /ui/runs/:id/cancel` and `/resume` */
export async function changeRun(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  request: Request,
  verb: "cancel" | "resume",
): Promise<Page | Response> {
  const { fields } = await readCommandForm(request, 0);
  const answer = await client.changeRun(runId, verb, (fields.get("reason") ?? "").trim());
  if (!answer.ok) return refuseChange(client, withParamsOfSender(page, request), runId, answer.problem);
  if (!page.isFragment) return seeOther(`/runs/${runId}`);
  return openRun(client, withParamsOfSender(page, request), runId, NO_NOTICE, {});
}

/** `POST /ui/runs/:id/fork`: starts a run that reuses the steps before `from_step`, and opens it in place of its parent. */
export async function forkRun(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  request: Request,
): Promise<Page | Response> {
  const { fields } = await readCommandForm(request, 0);
  const stepText = fields.get("from_step") ?? "";
  const fromStep = /^\d{1,9}$/.test(stepText) ? Number(stepText) : Number.NaN;
  const answer = await client.forkRun(runId, fromStep);
  if (!answer.ok) return refuseChange(client, withParamsOfSender(page, request), runId, answer.problem);
  const forkPage = withParamsOfSender(page, request);
  const address = addressOf(`/runs/${answer.value.run_id}`, [
    ...filterEntries(filtersOfSender(request)),
    ...pageParamEntries(forkPage.params),
  ]);
  if (!page.isFragment) return seeOther(address);
  const notice = { kind: "message", text: `Forked from step ${fromStep} of ${runId}.` } as const;
  return openRun(client, forkPage, answer.value.run_id, notice, { "hx-push-url": address });
}

/**
 * A refused change: a notice, with the run as it is now. The page that sent the request may be older than the change of
 * another tab, which it then shows.
 */
async function refuseChange(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  problem: Problem,
): Promise<Page> {
  const notice: NoticeModel = { kind: "problem", problem };
  const { status } = problem;
  const runPage = { ...page, pathname: `/runs/${runId}` };
  if (!page.isFragment) return showRun(client, runPage, runId, { notice, status });
  if (problem.transient) return noticeFragment(notice, status);
  const execution = await readExecution(client, runPage, runId);
  const headers = { "hx-reswap": "none", "hx-trigger": "runs-changed" };
  return { html: renderPoll(execution, null) + renderNotice(notice), status, headers };
}

function statusOf(execution: ExecutionModel): number {
  return execution.kind === "problem" ? execution.problem.status : 200;
}
