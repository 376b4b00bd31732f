import { z } from "zod";
import { compareRuns } from "../../bundle/compare.ts";
import { findFormatByName } from "../../document/formats.ts";
import { isRunId } from "../../domain/run.ts";
import { parseActor, parseErase, parseFork } from "../../domain/run-change.ts";
import { RUN_ORDERS } from "../../domain/run-reader.ts";
import { Failure } from "../../failure.ts";
import { readCitationLineage } from "../../flow/citation-lineage.ts";
import { readComparableRun } from "../../flow/comparable-run.ts";
import type { RunState } from "../../flow/run-control.ts";
import { journalViewOf } from "../../projection/journal-view.ts";
import { runSummaryViewOf } from "../../projection/run-summary-view.ts";
import { erasedViewOf, exportViewOf, runViewOf } from "../../projection/run-view.ts";
import { readOptionalJson } from "../body.ts";
import { invalidQuery, limitParameter, readQuery, textParameter } from "../query.ts";
import { jsonReply } from "../reply.ts";
import { senderOf } from "../via.ts";
import type { ReadServices, Services } from "./services.ts";
import { readStartRequest } from "./start-request/index.ts";

/** `POST /runs`: 202 once the start is durable. */
export async function startRun(services: Services, request: Request): Promise<Response> {
  const command = {
    ...(await readStartRequest(request, services)),
    by: senderOf(request).token ?? undefined,
  };
  const { deduplicated, ...run } = await services.kernel.startRun(command);
  return jsonReply(deduplicated ? { ...stateOf(run), deduplicated } : stateOf(run), 202, {
    location: `/runs/${run.runId}`,
  });
}

const DAY_MS = 86_400_000;

/** A day of the calendar in UTC, as the time of its begin. */
const dayParameter = z.iso
  .date("takes a date such as 2026-01-31")
  .transform((date) => Date.parse(date))
  .optional();

const runsQuery = z.strictObject({
  status: z.enum(["running", "done", "error", "unknown"], "takes running, done, error or unknown").optional(),
  q: textParameter,
  type: z
    .string()
    .transform((name) => findFormatByName(name.toLowerCase())?.mediaType ?? "")
    .refine((mediaType) => mediaType !== "", "takes the name of a format such as pdf, or a media type")
    .optional(),
  has: z.literal("doubt", "takes doubt").optional(),
  from: dayParameter,
  to: dayParameter,
  order: z.enum(RUN_ORDERS, `takes one of ${RUN_ORDERS.join(", ")}`).optional(),
  limit: limitParameter,
  before: z.string().refine(isRunId, "takes the id of a run").optional(),
});

/** `GET /runs`: `next` is the `before` of the following page, null on the last. */
export async function listRuns(services: ReadServices, request: Request): Promise<Response> {
  const { q, has, from, to, limit, before, ...rest } = readQuery(request.url, runsQuery);
  if (before !== undefined && (await services.store.findDbosStatus(before)) === null)
    throw invalidQuery("before", "names no run");
  const found = await services.store.listRuns({
    ...rest,
    text: q,
    hasDoubt: has === "doubt",
    startedFrom: from,
    startedBefore: to === undefined ? undefined : to + DAY_MS,
    limit: limit + 1,
    before,
  });
  const nowEpochMs = Date.now();
  const runs = found.slice(0, limit).map((run) => runSummaryViewOf(run, nowEpochMs));
  return jsonReply({ runs, next: found.length > limit ? (runs.at(-1)?.run_id ?? null) : null });
}

/** `GET /runs/:id` */
export async function showRun(services: ReadServices, runId: string): Promise<Response> {
  const record = await services.store.findRun(runId);
  if (record === null) throw new Failure("run_not_found", { run_id: runId });
  return jsonReply(runViewOf(record));
}

/** `GET /runs/:id/diff/:other`: both runs step by step and artifact by artifact. */
export async function compareWithRun(
  services: ReadServices,
  runId: string,
  otherId: string,
): Promise<Response> {
  const left = await readComparableRun(services.store, runId);
  return jsonReply(await compareRuns(left, await readComparableRun(services.store, otherId)));
}

/** `GET /runs/:id/citations/:citation`: a citation of the memo with its chunk, block, bytes, steps and run. */
export async function showCitation(
  { store }: ReadServices,
  runId: string,
  citationId: string,
): Promise<Response> {
  return jsonReply(await readCitationLineage(store, runId, citationId));
}

/** `GET /runs/:id/export`: writes the run bundle and returns its summary and path. */
export async function exportRun(services: Services, runId: string, request: Request): Promise<Response> {
  return jsonReply(exportViewOf(await services.exportRun(runId, senderOf(request).token ?? undefined)));
}

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `takes a number from 0 to ${max}`)
    .transform(Number)
    .pipe(z.number().max(max, `takes a number from 0 to ${max}`));

/** Other parameters are ignored, as they always were here. */
const eventsQuery = z.object({
  from: wholeNumber(999_999_999).optional(),
  checked_within_s: wholeNumber(60).default(0),
});

/** `GET /runs/:id/events`: the run's journal, oldest first, and whether its hash chain is intact; of a long one the latest part. */
export async function listEvents(services: ReadServices, runId: string, request: Request): Promise<Response> {
  const { from = null, checked_within_s } = readQuery(request.url, eventsQuery);
  const part = await services.store.readJournal(runId, { from, checkedWithinMs: checked_within_s * 1_000 });
  if (part.chain.total === 0 && (await services.store.findDbosStatus(runId)) === null) {
    throw new Failure("run_not_found", { run_id: runId });
  }
  return jsonReply(journalViewOf(runId, part));
}

/** `POST /runs/:id/cancel` */
export async function cancelRun(services: Services, runId: string, request: Request): Promise<Response> {
  const actor = parseActor(await readOptionalJson(request), senderOf(request));
  return jsonReply(stateOf(await services.kernel.cancelRun(runId, actor)), 202);
}

/** `POST /runs/:id/resume` */
export async function resumeRun(services: Services, runId: string, request: Request): Promise<Response> {
  const actor = parseActor(await readOptionalJson(request), senderOf(request));
  const { run_id, status } = stateOf(await services.kernel.resumeRun(runId, actor));
  return jsonReply({ run_id, status }, 202);
}

/** `POST /runs/:id/fork` */
export async function forkRun(services: Services, runId: string, request: Request): Promise<Response> {
  const { fromStep, actor } = parseFork(await readOptionalJson(request), senderOf(request));
  const fork = await services.kernel.forkRun(runId, fromStep, actor);
  return jsonReply({ ...stateOf(fork), forked_from: fork.forkedFrom, from_step: fork.fromStep }, 202, {
    location: `/runs/${fork.runId}`,
  });
}

/** `POST /runs/:id/erase`: answers once the document and the artifacts are deleted. */
export async function eraseRun(services: Services, runId: string, request: Request): Promise<Response> {
  const actor = parseErase(await readOptionalJson(request), senderOf(request));
  return jsonReply(erasedViewOf(await services.eraseRun(runId, actor)));
}

function stateOf({ runId, status, dbosStatus }: RunState) {
  return { run_id: runId, status, dbos_status: dbosStatus };
}
