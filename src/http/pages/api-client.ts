import type { Comparison } from "../../bundle/compare.ts";
import { Failure } from "../../failure.ts";
import type { ReviewPage } from "../../flow/review.ts";
import type { BatchView } from "../../projection/batch-view.ts";
import type { CitationLineage } from "../../projection/citation-lineage.ts";
import type { CommandListView } from "../../projection/command-view.ts";
import type { JournalView } from "../../projection/journal-view.ts";
import type { OverviewView } from "../../projection/overview-view.ts";
import { addressOf } from "../../projection/page-params.ts";
import { problemInWords } from "../../projection/problem-words.ts";
import type { ReviewView } from "../../projection/review-view.ts";
import type { RunSummaryView } from "../../projection/run-summary-view.ts";
import type { ArtifactView, RunView } from "../../projection/run-view.ts";
import type { SearchAnswer } from "../../search/answer.ts";
import { withTimeout } from "../../timeout.ts";
import type { ArtifactDetail, BundleModel, CommandFilters, Place, Problem } from "../../views/model.ts";
import type { ReviewFields } from "../../views/review/review.tsx";
import type { RunListFields } from "../../views/run-list/fields.ts";
import type { SearchFields } from "../../views/search/search.tsx";
import { credentialHeaders, readCredentials } from "../credentials.ts";
import type { FetchHandler } from "../listener.ts";
import { VIA_PAGE } from "../via.ts";

/** An answer of the API: the value, or the problem that there was. */
export type Answer<Value> = Readonly<{ ok: true; value: Value }> | Readonly<{ ok: false; problem: Problem }>;

/** Passages per page of the review queue: what a person reviews before the next page. */
const REVIEWS_PER_PAGE = 20;

/** Commands per page of the list: they fill a screen and weigh a few kilobytes. */
const COMMANDS_PER_PAGE = "30";

/** The page does not show a larger artifact, because reading it would block other requests; it offers the download. */
const MAX_SHOWN_BYTES = 4 * 1024 * 1024;

/**
 * The pages' client of the API. They read and change everything through it, whether the API is in this process or at another
 * address, so the split mode differs from the embedded mode in `callApi` alone.
 * @param sender the headers of the page's request: its requests to the API have the same credentials
 */
export function createApiClient(
  callTheApi: FetchHandler,
  { maxBodyBytes, hasOcr = false }: Readonly<{ maxBodyBytes: number; hasOcr?: boolean }>,
  sender: Headers,
  bundle: BundleModel | null = null,
) {
  const callApi = withCredentials(callTheApi, sender);
  const ask = <Value>(path: string, init?: RequestInit) => fetchJson<Value>(callApi, path, init);
  return {
    /** Whether the person has signed in. */
    hasSession: readCredentials(sender).session !== null,
    /** The largest document that the API takes. */
    maxBodyBytes,
    /** Whether the API takes pictures. */
    hasOcr,
    /** The bundle that the API reads; null for a database. */
    bundle,
    /** The API's answer as it is. */
    fetch: (path: string) => call(callApi, path),
    listRuns: (fields: RunListFields, before: string, limit: number) =>
      ask<{ runs: readonly RunSummaryView[]; next: string | null }>(
        addressOf("/runs", [...Object.entries(fields), ["before", before], ["limit", limit]]),
      ),
    getOverview: () => ask<OverviewView>("/overview"),
    getRun: (runId: string) => ask<RunView>(`/runs/${runId}`),
    getCitation: (runId: string, citationId: string) =>
      ask<CitationLineage>(citationPathOf(runId, citationId)),
    /** @param checkedWithinS how long ago the part that is known may have been checked, in seconds */
    getJournal: (runId: string, checkedWithinS: number | null) =>
      ask<JournalView>(addressOf(`/runs/${runId}/events`, [["checked_within_s", checkedWithinS]])),
    getArtifact: (id: string) => ask<ArtifactDetail>(`/artifacts/${id}?max_bytes=${MAX_SHOWN_BYTES}`),
    /** A document around a place in it. */
    getWindow: (id: string, { span, bytes, at, row }: Place) =>
      ask<ArtifactDetail>(
        addressOf(`/artifacts/${id}/window`, [
          ["span", span?.join("-")],
          ["bytes", bytes?.join("-")],
          ["at", at],
          ["row", row],
        ]),
      ),
    listCommands: ({ status, q, before }: CommandFilters) =>
      ask<CommandListView>(
        addressOf("/commands", [
          ["status", status],
          ["q", q],
          ["before", before],
          ["limit", COMMANDS_PER_PAGE],
        ]),
      ),
    listReviews: ({ state, reason, run }: ReviewFields, after: string, limit = REVIEWS_PER_PAGE) =>
      ask<ReviewPage>(
        addressOf("/review", [
          ["state", state],
          ["reason", reason],
          ["run", run],
          ["after", after],
          ["limit", limit],
        ]),
      ),
    review: (id: string, body: Readonly<Record<string, unknown>>) =>
      ask<ReviewView>(`/review/${id}`, {
        method: "POST",
        headers: { ...VIA_PAGE, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    compareRuns: (left: string, right: string) => ask<Comparison>(`/runs/${left}/diff/${right}`),
    search: (fields: SearchFields, cursor: string) =>
      ask<SearchAnswer>(addressOf("/search", [...Object.entries(fields), ["cursor", cursor]])),
    listArtifacts: (query: URLSearchParams) => listArtifacts(callApi, query),
    openSession: (token: string) =>
      call(callTheApi, "/session", {
        method: "POST",
        headers: { authorization: `Bearer ${token || "-"}` },
      }).then(readAnswer<{ session: string; expires_at: number }>),
    endSession: () => ask<unknown>("/session/end", { method: "POST" }),
    startRun: (init: RequestInit) =>
      ask<{ run_id: string; deduplicated?: boolean }>("/runs", { ...init, method: "POST" }),
    createBatch: () => ask<BatchView>("/batches", { method: "POST" }),
    getBatch: (batchId: string) => ask<BatchView>(`/batches/${batchId}`),
    addDocument: (batchId: string, init: RequestInit) =>
      ask<{ run_id: string }>(`/batches/${batchId}/documents`, { ...init, method: "POST" }),
    exportRun: (runId: string) => ask<{ run_bundle_path: string }>(`/runs/${runId}/export`),
    changeRun: (runId: string, verb: "cancel" | "resume", reason: string) =>
      ask<unknown>(`/runs/${runId}/${verb}`, {
        method: "POST",
        headers: { ...VIA_PAGE, "content-type": "application/json" },
        body: JSON.stringify(reason === "" ? {} : { reason }),
      }),
    forkRun: (runId: string, fromStep: number) =>
      ask<{ run_id: string }>(`/runs/${runId}/fork`, {
        method: "POST",
        headers: { ...VIA_PAGE, "content-type": "application/json" },
        body: JSON.stringify({ from_step: fromStep }),
      }),
  };
}

export type ApiClient = ReturnType<typeof createApiClient>;

export function citationPathOf(runId: string, citationId: string): string {
  return `/runs/${runId}/citations/${encodeURIComponent(citationId)}`;
}

/** A Request needs an absolute URL; nothing resolves this name. */
const BASE_URL = "http://api.internal";

async function call(callApi: FetchHandler, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("accept", "application/json");
  return callApi(new Request(new URL(path, BASE_URL), { ...init, headers }));
}

/** A page for which the API wants a token is not shown with gaps: its whole request is refused. */
async function fetchJson<Value>(
  callApi: FetchHandler,
  path: string,
  init?: RequestInit,
): Promise<Answer<Value>> {
  const response = await call(callApi, path, init);
  if (response.status === 401) throw new Failure("unauthenticated");
  return readAnswer<Value>(response);
}

function withCredentials(callApi: FetchHandler, sender: Headers): FetchHandler {
  const credentials = Object.entries(credentialHeaders(sender));
  return (request) => {
    for (const [name, value] of credentials) request.headers.set(name, value);
    return callApi(request);
  };
}

/** The body of an answer follows its head at once unless the API has stalled. */
const BODY_TIMEOUT_MS = 10_000;

async function readAnswer<Value>(response: Response): Promise<Answer<Value>> {
  const body: unknown = await withTimeout(
    response.json(),
    BODY_TIMEOUT_MS,
    () => new Failure("api_unavailable"),
  ).catch(() => null);
  // The API is the same program, so the body of a 2xx has the shape of its types.
  if (response.ok && body !== null) return { ok: true, value: body as Value };
  return { ok: false, problem: problemOf(response.status, body) };
}

async function listArtifacts(
  callApi: FetchHandler,
  query: URLSearchParams,
): Promise<Answer<{ artifacts: readonly ArtifactView[]; next: string | null }>> {
  const response = await call(callApi, `/artifacts?${query}`);
  if (response.status === 401) throw new Failure("unauthenticated");
  const next = /^<([^>]*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  const answer = await readAnswer<readonly ArtifactView[]>(response);
  return answer.ok ? { ok: true, value: { artifacts: answer.value, next } } : answer;
}

/** What a page shows of a failure body of the API. */
export function problemOf(status: number, body: unknown): Problem {
  const { error, message, ...detail } =
    typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const code = typeof error === "string" ? error : "internal_error";
  return {
    status: status >= 400 ? status : 502,
    code,
    message: problemInWords(code, message, detail),
    detail,
    transient: status === 503 || status === 502,
  };
}
