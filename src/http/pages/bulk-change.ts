import { isRunId } from "../../domain/run.ts";
import { FAILURES } from "../../failure.ts";
import {
  BULK_ACTIONS,
  type BulkAction,
  canChange,
  MAX_BULK_BUNDLES,
  MAX_BULK_RUNS,
} from "../../projection/bulk-change.ts";
import { forksOf } from "../../projection/forks.ts";
import { primaryActionOf } from "../../projection/run-words.ts";
import { renderBulkChange } from "../../views/fragments.tsx";
import type { Problem } from "../../views/model.ts";
import type { BulkModel, BulkOutcome } from "../../views/run-list/bulk-change.tsx";
import type { RunListFields } from "../../views/run-list/fields.ts";
import { readBody } from "../body.ts";
import { type Page, statusOf } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import { seeOther } from "./notice-reply.ts";
import { readRunListFields } from "./run-list.ts";
import { titleOf } from "./whole-page.ts";

/** A form with the longest ids of as many runs as one request changes. */
const MAX_FORM_BYTES = 96 * 1024;

/** So many runs are changed at the same time. */
const PARALLEL = 4;

type Chosen = Readonly<{ runIds: readonly string[]; hasMore: boolean }>;

/** `POST /ui/runs/changes`: asks whether the chosen runs are to be changed; once that is confirmed, changes them and says what became of each. */
export async function changeRuns(client: ApiClient, request: Request): Promise<Page | Response> {
  const form = new URLSearchParams(new TextDecoder().decode(await readBody(request, MAX_FORM_BYTES)));
  const fields = readRunListFields(form);
  const named = form.get("action");
  const action = BULK_ACTIONS.find((known) => known === named) ?? null;
  const chosen = await readChosen(client, form, fields, action);
  if ("code" in chosen) return pageOf({ kind: "problem", fields, problem: chosen });
  const { runIds, hasMore } = chosen;
  if (action === null) {
    const address = downloadAddress(runIds);
    return hasMore ? pageOf({ kind: "download", fields, address, count: runIds.length }) : seeOther(address);
  }
  if (form.get("confirmed") !== "yes") return pageOf({ kind: "confirm", fields, action, runIds, hasMore });
  const reason = (form.get("reason") ?? "").trim();
  const outcomes = await changeAll(runIds, (runId) => changeRun(client, action, runId, reason));
  return pageOf({ kind: "result", fields, action, outcomes, hasMore });
}

function pageOf(model: BulkModel): Page {
  const status = model.kind === "problem" ? model.problem.status : 200;
  return { html: renderBulkChange(titleOf("Runs"), ASSET_URLS, model), status };
}

/** The runs that are ticked, or those of all matching ones that the action suits. */
async function readChosen(
  client: ApiClient,
  form: URLSearchParams,
  fields: RunListFields,
  action: BulkAction | null,
): Promise<Chosen | Problem> {
  const most = action === null ? MAX_BULK_BUNDLES : MAX_BULK_RUNS;
  if (form.get("all") !== "on") {
    const runIds = [...new Set(form.getAll("run"))].filter(isRunId).slice(0, most);
    return { runIds, hasMore: form.get("more") === "yes" };
  }
  const answer = await client.listRuns(fields, "", most);
  if (!answer.ok) return answer.problem;
  const runs = answer.value.runs.filter((run) => action === null || canChange(run, action));
  return { runIds: runs.map(({ run_id }) => run_id), hasMore: answer.value.next !== null };
}

function downloadAddress(runIds: readonly string[]): string {
  if (runIds.length === 0) return "/runs";
  return `/bundles.zip?${new URLSearchParams(runIds.map((runId): [string, string] => ["run", runId]))}`;
}

async function changeAll(
  runIds: readonly string[],
  change: (runId: string) => Promise<BulkOutcome>,
): Promise<readonly BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  for (let at = 0; at < runIds.length; at += PARALLEL) {
    outcomes.push(...(await Promise.all(runIds.slice(at, at + PARALLEL).map(change))));
  }
  return outcomes;
}

async function changeRun(
  client: ApiClient,
  action: BulkAction,
  runId: string,
  reason: string,
): Promise<BulkOutcome> {
  if (action === "retry") return retryRun(client, runId);
  const answer = await client.changeRun(runId, action, reason);
  return { runId, forkId: null, problem: answer.ok ? null : answer.problem };
}

/** The fork that continues the run: the last one that it has already, so that a form that is sent twice makes one. */
async function retryRun(client: ApiClient, runId: string): Promise<BulkOutcome> {
  const answer = await client.getRun(runId);
  if (!answer.ok) return { runId, forkId: null, problem: answer.problem };
  const action = primaryActionOf(answer.value);
  if (action?.kind !== "retry") return { runId, forkId: null, problem: NOT_RETRIED };
  const journal = await client.getJournal(runId, null);
  if (!journal.ok) return { runId, forkId: null, problem: journal.problem };
  const earlier = forksOf(journal.value).at(-1);
  if (earlier !== undefined) return { runId, forkId: earlier.runId, problem: null };
  const fork = await client.forkRun(runId, action.fromStep);
  return fork.ok
    ? { runId, forkId: fork.value.run_id, problem: null }
    : { runId, forkId: null, problem: fork.problem };
}

const NOT_RETRIED: Problem = {
  status: statusOf("run_not_forkable"),
  code: "run_not_forkable",
  message: FAILURES.run_not_forkable,
  detail: {},
  transient: false,
};
