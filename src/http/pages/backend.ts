import { FAILURES, Failure, type FailureCode } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { CommandListView } from "../../projection/command-view.ts";
import type { JournalView } from "../../projection/journal-view.ts";
import { addressOf } from "../../projection/page-params.ts";
import type { ArtifactView, RunView } from "../../projection/run-view.ts";
import { withTimeout } from "../../timeout.ts";
import type { ArtifactDetail, CommandFilters, Problem } from "../../views/model.ts";
import { VIA_PAGE } from "../api/via.ts";
import { readFormBody } from "../body.ts";
import type { FetchHandler } from "../listener.ts";
import { failureBody, failureReply, jsonReply } from "../reply.ts";

/** An answer of the API: what was asked for, or why not. */
export type Answer<Value> = Readonly<{ ok: true; value: Value }> | Readonly<{ ok: false; problem: Problem }>;

/** Commands per page of the list: they fill a screen and weigh a few kilobytes. */
const COMMANDS_PER_PAGE = "30";

/** An artifact that is larger is not read by the page, which would keep everybody else waiting, but downloaded. */
const SHOWN_BYTES = 4 * 1024 * 1024;

/**
 * What the pages read, all of it through the API: in this process or over HTTP, the pages cannot tell. That is the whole
 * difference between the embedded and the split mode.
 */
export function backendOf(api: FetchHandler, maxBodyBytes: number) {
  const ask = <Value>(path: string, init?: RequestInit) => askJson<Value>(api, path, init);
  return {
    /** The largest document that it takes. */
    maxBodyBytes,
    getRun: (runId: string) => ask<RunView>(`/runs/${runId}`),
    getJournal: (runId: string) => ask<JournalView>(`/runs/${runId}/events`),
    getArtifact: (id: string) => ask<ArtifactDetail>(`/artifacts/${id}?max_bytes=${SHOWN_BYTES}`),
    listCommands: ({ status, q, before }: CommandFilters) =>
      ask<CommandListView>(
        addressOf("/commands", [
          ["status", status],
          ["q", q],
          ["before", before],
          ["limit", COMMANDS_PER_PAGE],
        ]),
      ),
    listArtifacts: (query: URLSearchParams) => listArtifacts(api, query),
    startRun: (init: RequestInit) =>
      ask<{ run_id: string; deduplicated?: boolean }>("/runs", { ...init, method: "POST" }),
    exportRun: (runId: string) => ask<{ run_bundle_path: string }>(`/runs/${runId}/export`),
    cancelRun: (runId: string) =>
      ask<unknown>(`/runs/${runId}/cancel`, { method: "POST", headers: VIA_PAGE }),
    resumeRun: (runId: string) =>
      ask<unknown>(`/runs/${runId}/resume`, { method: "POST", headers: VIA_PAGE }),
    forkRun: (runId: string, fromStep: number) =>
      ask<{ run_id: string }>(`/runs/${runId}/fork`, {
        method: "POST",
        headers: { ...VIA_PAGE, "content-type": "application/json" },
        body: JSON.stringify({ from_step: fromStep }),
      }),
  };
}

export type Backend = ReturnType<typeof backendOf>;

/** A name for the API within this process; a Request needs one, and nobody resolves it. */
const IN_PROCESS = "http://api.internal";

async function call(api: FetchHandler, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("accept", "application/json");
  return api(new Request(new URL(path, IN_PROCESS), { ...init, headers }));
}

async function askJson<Value>(api: FetchHandler, path: string, init?: RequestInit): Promise<Answer<Value>> {
  return readAnswer<Value>(await call(api, path, init));
}

/** An answer that a page is made of is there at once, or its API has stalled. */
const BODY_TIMEOUT_MS = 10_000;

async function readAnswer<Value>(response: Response): Promise<Answer<Value>> {
  const body: unknown = await withTimeout(
    response.json(),
    BODY_TIMEOUT_MS,
    () => new Failure("api_unavailable"),
  ).catch(() => null);
  // The API is this program: a 2xx of its has the shape that its own types say.
  if (response.ok && body !== null) return { ok: true, value: body as Value };
  return { ok: false, problem: problemOf(response.status, body) };
}

async function listArtifacts(
  api: FetchHandler,
  query: URLSearchParams,
): Promise<Answer<{ artifacts: readonly ArtifactView[]; next: string | null }>> {
  const response = await call(api, `/artifacts?${query}`);
  const next = /^<([^>]*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  const answer = await readAnswer<readonly ArtifactView[]>(response);
  return answer.ok ? { ok: true, value: { artifacts: answer.value, next } } : answer;
}

/** The API's failure body, as the pages show it. */
export function problemOf(status: number, body: unknown): Problem {
  const { error, message, ...detail } =
    typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const code = typeof error === "string" ? error : "internal_error";
  return {
    status: status >= 400 ? status : 502,
    code,
    message: typeof message === "string" ? message : messageOf(code, detail),
    detail,
    transient: status === 503 || status === 502,
  };
}

/** Some bodies are fixed to the key and carry no message; the words for them are the table's, said about this case. */
function messageOf(code: string, detail: Readonly<Record<string, unknown>>): string {
  const words = isFailureCode(code) ? FAILURES[code] : "Something went wrong.";
  return typeof detail.reason === "string" ? `${words} It ${detail.reason}.` : words;
}

/** Headers that are about one connection, not about the message; beside those that `Connection` names. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "proxy-authenticate",
  "proxy-authorization",
  // The listener has answered it by reading the body.
  "expect",
];

/** Longer than any answer of the API takes to begin, an upload before it included; a node that hangs is as good as gone. */
const ANSWER_TIMEOUT_MS = { upload: 60_000, read: 10_000, health: 3_000 } as const;

/**
 * The API at another address. Requests and answers pass through as they are; an API that cannot be reached is a
 * 503 of this listener's own.
 */
export function remoteApi({
  baseUrl,
  maxBodyBytes,
  log,
  answerTimeoutMs,
}: {
  baseUrl: string;
  maxBodyBytes: number;
  log: Pick<Log, "apiTrouble">;
  answerTimeoutMs?: number;
}): FetchHandler {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    // Set and not resolved: whatever the path looks like, the host is the API's.
    const target = new URL(baseUrl);
    target.pathname = pathname;
    target.search = search;
    // The API says itself what is too large; what is far too large is not even read.
    const body = request.body === null ? null : new Uint8Array(await readFormBody(request, maxBodyBytes));
    const headers = withoutHops(request.headers);
    headers.delete("host");
    headers.delete("content-length");
    // Bytes pass through as they are stored: nothing on the way unpacks or packs them.
    headers.set("accept-encoding", "identity");
    // Of the headers alone: a body takes as long as its reader does.
    const patience = new AbortController();
    const kind = pathname === "/healthz" ? "health" : body === null ? "read" : "upload";
    const timer = setTimeout(() => patience.abort(), answerTimeoutMs ?? ANSWER_TIMEOUT_MS[kind]);
    try {
      const answer = await fetch(target, {
        method: request.method,
        headers,
        redirect: "manual",
        signal: AbortSignal.any([request.signal, patience.signal]),
        ...(body === null ? {} : { body }),
      });
      return new Response(answer.body, { status: answer.status, headers: withoutHops(answer.headers) });
    } catch (error) {
      log.apiTrouble({ error });
      const failure = new Failure("api_unavailable");
      if (pathname !== "/healthz") return failureReply(failure);
      return jsonReply({ ok: false, ...failureBody(failure) }, 503, { "retry-after": "1" });
    } finally {
      clearTimeout(timer);
    }
  };
}

function withoutHops(headers: Headers): Headers {
  const kept = new Headers(headers);
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim());
  for (const name of [...HOP_BY_HOP, ...named]) if (name !== "") kept.delete(name);
  return kept;
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}
