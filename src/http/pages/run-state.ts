import { addressOf, pageParamEntries } from "../../projection/page-params.ts";
import { nextPoll, type WatchProgress } from "../../projection/watch.ts";
import { renderRun } from "../../views/fragments.tsx";
import type { ExecutionModel, NoticeModel, PollPlan, ViewerModel } from "../../views/model.ts";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import type { PageRequest } from "./page-request.ts";
import { titleOfExecution } from "./whole-page.ts";

/** A page that polls has the whole journal checked again after this time. */
const JOURNAL_CHECK_S = 60;

/**
 * Reads a run with its journal, and plans the next poll.
 * @param progress of the page that polls; null for a page that is opened
 */
export async function readExecution(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  progress: WatchProgress | null = null,
): Promise<ExecutionModel> {
  const checkedWithinS = progress === null ? null : JOURNAL_CHECK_S;
  const [answer, journal] = await Promise.all([
    client.getRun(runId),
    client.getJournal(runId, checkedWithinS),
  ]);
  const nowEpochMs = Date.now();
  const next = nextPoll(page.params, progress ?? startWatch(), nowEpochMs);
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
    isReadOnly: client.bundle !== null,
    origin: page.origin,
    params: page.params,
  };
}

function startWatch(): WatchProgress {
  return { polls: 0, sinceEpochMs: Date.now() };
}

type Next = NonNullable<ReturnType<typeof nextPoll>>;

/** The address of the next poll carries the parameters of the page, and the progress where the next interval depends on it. */
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

/** The memo of a finished run; a pending viewer for a run that is running or cannot be read at the moment. */
export async function readMemoViewer(
  client: ApiClient,
  page: PageRequest,
  execution: ExecutionModel,
): Promise<ViewerModel> {
  if (execution.kind === "problem" && execution.problem.transient && execution.runId !== null) {
    return { kind: "pending", runId: execution.runId };
  }
  if (execution.kind !== "run") return { kind: "empty" };
  const { run } = execution;
  if (run.status === "running") return { kind: "pending", runId: run.run_id };
  const memo = run.artifacts.find(({ type }) => type === "memo");
  if (memo === undefined) return { kind: "empty" };
  const answer = await client.getArtifact(memo.id);
  return answer.ok
    ? { kind: "artifact", detail: answer.value, run, place: page.place, beside: null, params: page.params }
    : { kind: "problem", problem: answer.problem, retry: `/ui/runs/${run.run_id}/memo` };
}

/** The notice about a deduplicated start, or `otherwise`. */
export function noticeOf(execution: ExecutionModel, otherwise: NoticeModel): NoticeModel {
  if (execution.kind !== "run" || !execution.deduplicated) return otherwise;
  return { kind: "message", text: "This request was sent before. This is its run; no step ran twice." };
}

/** A fragment that opens a run on the page that sent the request. */
export async function openRun(
  client: ApiClient,
  page: PageRequest,
  runId: string,
  notice: NoticeModel,
  headers: Record<string, string>,
): Promise<Page> {
  const execution = await readExecution(client, page, runId);
  const viewer = await readMemoViewer(client, page, execution);
  return {
    html: renderRun(titleOfExecution(execution, runId), execution, viewer, noticeOf(execution, notice)),
    headers: { "hx-trigger": "runs-changed", ...headers },
  };
}
