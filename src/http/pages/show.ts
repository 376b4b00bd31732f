import { addressOf, pageParamEntries } from "../../projection/page-params.ts";
import type { RunView } from "../../projection/run-view.ts";
import { nextPoll, type WatchProgress } from "../../projection/watch.ts";
import { renderOpened, renderPage, renderPoll, renderRun, renderViewer } from "../../views/fragments.tsx";
import type {
  CommandListModel,
  ConversationModel,
  ExecutionModel,
  NoticeModel,
  PageModel,
  PollPlan,
  Problem,
  ViewerModel,
} from "../../views/model.ts";
import { htmlReply } from "../reply.ts";
import { ASSET_URLS } from "./assets.ts";
import type { Backend } from "./backend.ts";
import type { PageRequest } from "./page-request.ts";

const SAYS_NOTHING: NoticeModel = { kind: "none" };

/** `/` and `/runs`: the commandList, and nothing chosen yet. */
export async function showHome(backend: Backend, page: PageRequest): Promise<Response> {
  const execution: ExecutionModel = { kind: "idle" };
  const viewer: ViewerModel = { kind: "empty", awaited: false };
  const title = "jejakekal";
  if (page.isFragment) return htmlReply(renderRun(title, execution, viewer, SAYS_NOTHING));
  return wholePage(backend, page, { title, plane: "conversation", execution, viewer });
}

/** `/runs/:id`: the run, and its memo if it has one. `?step=` marks a step. `refusal`: what was asked of the run and not done. */
export async function showRun(
  backend: Backend,
  page: PageRequest,
  runId: string,
  refusal?: Readonly<{ notice: NoticeModel; status: number }>,
): Promise<Response> {
  const execution = await readExecution(backend, page, runId, startWatch());
  const viewer = await memoOf(backend, page, execution);
  const { notice, status } = refusal ?? { notice: noticeOf(execution), status: statusOf(execution) };
  const title = titleOf(runId);
  if (page.isFragment) {
    return htmlReply(renderRun(title, execution, viewer, notice), status, runEvents(execution));
  }
  return wholePage(backend, page, {
    title,
    plane: "execution",
    execution,
    viewer,
    notice,
    status,
  });
}

/** `/artifacts/:id`: the artifact, with the run that made it beside it. */
export async function showArtifact(backend: Backend, page: PageRequest, id: string): Promise<Response> {
  const runId = id.slice(0, id.indexOf(":"));
  const [answer, execution] = await Promise.all([
    backend.getArtifact(id),
    page.isFragment
      ? backend.getRun(runId).then((run) => (run.ok ? run.value : null))
      : readExecution(backend, page, runId, startWatch()),
  ]);
  const run = runOf(execution);
  const viewer: ViewerModel = answer.ok
    ? { kind: "artifact", detail: answer.value, run, place: page.place, params: page.params }
    : { kind: "problem", problem: answer.problem, retry: addressOf(page.pathname, [...page.query]) };
  const status = answer.ok ? 200 : answer.problem.status;
  const title = titleOf(id);
  if (page.isFragment || execution === null || !("kind" in execution)) {
    return htmlReply(renderOpened(title, viewer), status);
  }
  // An artifact that is not there leaves nothing to show in the middle either, whatever its run says.
  const beside: ExecutionModel =
    answer.ok || answer.problem.transient
      ? execution
      : { kind: "problem", problem: answer.problem, runId: null, poll: null };
  return wholePage(backend, page, {
    title,
    plane: "artifact",
    execution: beside,
    viewer,
    status,
  });
}

/** `/artifacts`: of all runs, newest first. */
export async function showArtifacts(backend: Backend, page: PageRequest): Promise<Response> {
  // A form sends its empty fields as well.
  const query = new URLSearchParams([...page.query].filter(([, value]) => value !== ""));
  const answer = await backend.listArtifacts(query);
  const asked = (name: string) => query.get(name) ?? "";
  const filters = { type: asked("type"), visibility: asked("visibility"), q: asked("q") };
  const viewer: ViewerModel = answer.ok
    ? { kind: "list", ...answer.value, filters, nowEpochMs: Date.now() }
    : { kind: "problem", problem: answer.problem, retry: addressOf(page.pathname, [...page.query]) };
  const status = answer.ok ? 200 : answer.problem.status;
  const title = titleOf("Artifacts");
  if (page.isFragment) return htmlReply(renderOpened(title, viewer), status);
  const execution: ExecutionModel = { kind: "idle" };
  return wholePage(backend, page, {
    title,
    plane: "artifact",
    execution,
    viewer,
    status,
  });
}

/** `/ui/runs/:id/poll`: one answer for status, run and artifacts. When the run has ended it says so to the rest of the page. */
export async function showPoll(backend: Backend, page: PageRequest, runId: string): Promise<Response> {
  const progress = {
    polls: Number(page.query.get("polls") ?? 0) || 0,
    sinceEpochMs: Number(page.query.get("since") ?? 0) || Date.now(),
  };
  const execution = await readExecution(backend, page, runId, progress);
  const hasEnded = execution.kind === "run" && execution.run.status !== "running";
  return htmlReply(
    renderPoll(execution),
    statusOf(execution),
    hasEnded ? { "hx-trigger": "run-ended, runs-changed" } : {},
  );
}

/** `/ui/runs/:id/memo`: for a viewer that has waited for it. */
export async function showMemo(backend: Backend, page: PageRequest, runId: string): Promise<Response> {
  const execution = await readExecution(backend, page, runId, startWatch());
  return htmlReply(renderViewer(await memoOf(backend, page, execution)));
}

/** A page that can only say why there is no page. */
export async function showProblem(
  backend: Backend,
  page: PageRequest,
  problem: Problem,
  said: Partial<Pick<ConversationModel, "typed"> & Pick<PageModel, "notice">> = {},
): Promise<Response> {
  return wholePage(backend, page, {
    title: titleOf(problem.code),
    plane: said.notice === undefined ? "execution" : "conversation",
    execution:
      said.notice === undefined ? { kind: "problem", problem, runId: null, poll: null } : { kind: "idle" },
    viewer: { kind: "empty", awaited: false },
    status: problem.status,
    ...said,
  });
}

export function titleOf(what: string): string {
  return `${what} · jejakekal`;
}

/** The run as the API tells it, and when to ask again. */
export async function readExecution(
  backend: Backend,
  page: PageRequest,
  runId: string,
  progress: WatchProgress,
): Promise<ExecutionModel> {
  const [answer, journal] = await Promise.all([backend.getRun(runId), backend.getJournal(runId)]);
  const nowEpochMs = Date.now();
  const next = nextPoll(page.params, progress, nowEpochMs);
  const plan = next === null ? null : pollPlan(page, runId, next);
  if (!answer.ok) {
    return {
      kind: "problem",
      problem: answer.problem,
      runId,
      poll: answer.problem.transient ? plan : null,
    };
  }
  const isRunning = answer.value.status === "running";
  return {
    kind: "run",
    run: answer.value,
    journal: journal.ok ? journal.value : null,
    nowEpochMs,
    step: page.step,
    from: page.from,
    poll: isRunning ? plan : null,
    expired: isRunning && plan === null,
    deduplicated: page.query.get("deduplicated") === "1",
    origin: page.origin,
    params: page.params,
  };
}

export function startWatch(): WatchProgress {
  return { polls: 0, sinceEpochMs: Date.now() };
}

type Next = NonNullable<ReturnType<typeof nextPoll>>;

/** The address of the next poll carries what the page was asked for, and how far it has come where that matters. */
function pollPlan(
  { params, step, from, query }: PageRequest,
  runId: string,
  { everyMs, progress }: Next,
): PollPlan {
  const isBackingOff = params.pollMaxIntervalMs !== null;
  const url = addressOf(`/ui/runs/${runId}/poll`, [
    ...pageParamEntries(params),
    ["step", step],
    ["from", from],
    ["deduplicated", query.get("deduplicated")],
    ["polls", isBackingOff ? progress.polls : null],
    ["since", params.pollTimeoutMs === null ? null : progress.sinceEpochMs],
  ]);
  return { url, everyMs };
}

/** Of a run that is done its memo, of one under way, or out of reach just now, the promise of it. */
export async function memoOf(
  backend: Backend,
  page: PageRequest,
  execution: ExecutionModel,
): Promise<ViewerModel> {
  if (execution.kind === "problem" && execution.problem.transient && execution.runId !== null) {
    return { kind: "empty", awaited: true, runId: execution.runId };
  }
  if (execution.kind !== "run") return { kind: "empty", awaited: false };
  const { run } = execution;
  if (run.status === "running") return { kind: "empty", awaited: true, runId: run.run_id };
  const memo = run.artifacts.find(({ type }) => type === "memo");
  if (memo === undefined) return { kind: "empty", awaited: false };
  const answer = await backend.getArtifact(memo.id);
  return answer.ok
    ? { kind: "artifact", detail: answer.value, run, place: page.place, params: page.params }
    : { kind: "problem", problem: answer.problem, retry: `/ui/runs/${run.run_id}/memo` };
}

export async function readCommandList(
  backend: Backend,
  page: Pick<PageRequest, "filters" | "params" | "pathname">,
  currentRunId: string | null,
): Promise<CommandListModel> {
  const { filters, params, pathname } = page;
  const answer = await backend.listCommands(filters);
  const shared = { filters, params, pathname };
  return answer.ok
    ? { ...shared, kind: "list", list: answer.value, nowEpochMs: Date.now(), currentRunId }
    : { ...shared, kind: "problem", problem: answer.problem };
}

async function wholePage(
  backend: Backend,
  page: PageRequest,
  {
    status = 200,
    typed = "",
    notice = SAYS_NOTHING,
    ...rest
  }: Pick<PageModel, "title" | "plane" | "execution" | "viewer"> &
    Partial<Pick<ConversationModel, "typed"> & Pick<PageModel, "notice">> & { status?: number },
): Promise<Response> {
  const { filters, params } = page;
  const currentRunId = rest.execution.kind === "run" ? rest.execution.run.run_id : null;
  const isListed = page.pathname === "/artifacts" || page.pathname.startsWith("/ui/");
  const pathname = isListed ? "/" : page.pathname;
  const commandList = await readCommandList(backend, { filters, params, pathname }, currentRunId);
  const conversation: ConversationModel = { typed, commandList, filters, pathname, params };
  const { maxBodyBytes } = backend;
  return htmlReply(renderPage({ ...rest, notice, conversation, assets: ASSET_URLS, maxBodyBytes }), status);
}

function noticeOf(execution: ExecutionModel): NoticeModel {
  if (execution.kind !== "run" || !execution.deduplicated) return SAYS_NOTHING;
  return { kind: "said", text: "This request was sent before. This is its run; no step ran twice." };
}

function runEvents(execution: ExecutionModel): Record<string, string> {
  return execution.kind === "run" ? {} : { "hx-trigger": "runs-changed" };
}

function statusOf(execution: ExecutionModel): number {
  return execution.kind === "problem" ? execution.problem.status : 200;
}

function runOf(found: ExecutionModel | RunView | null): RunView | null {
  if (found === null) return null;
  if (!("kind" in found)) return found;
  return found.kind === "run" ? found.run : null;
}
