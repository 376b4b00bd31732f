import { Elysia } from "elysia";
import { FAILURES, Failure } from "../../failure.ts";
import type { Log } from "../../log.ts";
import { addressOf, filterEntries, pageParamEntries } from "../../projection/page-params.ts";
import {
  renderCommandList,
  renderFirstCommands,
  renderHelp,
  renderMoreCommands,
  renderRefusal,
} from "../../views/fragments.tsx";
import type { FetchHandler } from "../listener.ts";
import { failureReply, htmlReply, type Listener, packed, prefersHtml, statusOf } from "../reply.ts";
import { changeRun, exportRun, forkRun, runCommand, sayNo } from "./actions.ts";
import { ASSET_URLS, findAsset } from "./assets.ts";
import { type Backend, backendOf, problemOf } from "./backend.ts";
import { isCrossSite, type PageRequest, pageOfFragment, readPageRequest } from "./page-request.ts";
import {
  readCommandList,
  showArtifact,
  showArtifacts,
  showHome,
  showMemo,
  showPoll,
  showProblem,
  showRun,
} from "./show.ts";

export type UiOptions = Readonly<{
  /** The API: in this process, or at another address. */
  api: FetchHandler;
  /** Which listener this stands behind: it decides what no preference means. */
  listener: Listener;
  maxBodyBytes: number;
  log: Log;
}>;

/** A path without an id comes without parameters. */
type Routed = Readonly<{ request: Request; params?: Readonly<Record<string, string>> }>;

type Route = (asked: Routed) => Response | Promise<Response>;

/** The pages' table of contents. Whoever asks for JSON, and whatever is no page, gets the API's own answer, byte for byte. */
export function uiServer(options: UiOptions): FetchHandler {
  const { api, listener, maxBodyBytes } = options;
  const backend = backendOf(api, maxBodyBytes);

  /** A page to those who prefer HTML, the API's answer to all others. */
  const negotiated =
    (show: (page: PageRequest, id: string) => Promise<Response>) =>
    ({ request, params }: Routed) =>
      prefersHtml(request.headers, listener)
        ? show(readPageRequest(request), params?.id ?? "")
        : api(request);

  const page =
    (show: (page: PageRequest, id: string, request: Request) => Response | Promise<Response>) =>
    ({ request, params }: Routed) =>
      show(readPageRequest(request), params?.id ?? "", request);

  const reads: Readonly<Record<string, Route>> = {
    "/": negotiated((asked) => showHome(backend, asked)),
    "/runs": negotiated((asked) => showHome(backend, asked)),
    "/runs/:id": negotiated((asked, id) => showRun(backend, asked, id)),
    "/artifacts": negotiated((asked) => showArtifacts(backend, asked)),
    "/artifacts/:id": negotiated((asked, id) => showArtifact(backend, asked, id)),

    "/ui/runs/:id/poll": page((asked, id) => showPoll(backend, asked, id)),
    "/ui/runs/:id/memo": page((asked, id) => showMemo(backend, asked, id)),
    "/ui/runs/:id/export": page((asked, id) => exportRun(backend, asked, id)),
    "/ui/runs/:id/json": page((_, id) => inline(api, `/runs/${id}`)),
    "/ui/runs/:id/bundle": page((_, id) => inline(api, `/runs/${id}/bundle`, `${id}.bundle.json`)),
    "/ui/artifacts/:id/json": page((_, id) => inline(api, `/artifacts/${id}`)),
    "/ui/commands": page((asked, _, request) => showCommandList(backend, asked, request)),
    "/ui/help": () => htmlReply(renderHelp(ASSET_URLS)),
    "/ui/gallery": ({ request }) => showGallery(request),
    "/ui/assets/:name": ({ request }) => findAsset(request) ?? failureReply(new Failure("not_found")),
  };
  const changes: Readonly<Record<string, Route>> = {
    "/ui/runs": page((asked, _, request) => runCommand(backend, asked, request)),
    "/ui/runs/:id/cancel": page((asked, id, request) => changeRun(backend, asked, id, request, "cancel")),
    "/ui/runs/:id/resume": page((asked, id, request) => changeRun(backend, asked, id, request, "resume")),
    "/ui/runs/:id/fork": page((asked, id, request) => forkRun(backend, asked, id, request)),
  };

  const app = new Elysia({ normalize: false })
    .onError(({ error, request }) => replyToError(options, backend, request, error))
    .all("/*", ({ request }) => passThrough(options, backend, request), { parse: "none" });
  for (const [path, show] of Object.entries(reads)) app.get(path, show);
  for (const [path, change] of Object.entries(changes)) app.post(path, change, { parse: "none" });

  return async (request) =>
    isUnsafe(request) && isCrossSite(request)
      ? failureReply(new Failure("cross_site_request"))
      : packed(request, await app.handle(request));
}

/** How a listener with pages says no to a target that is no target, before any route has seen it. */
export function refuseTarget(listener: Listener) {
  return (failure: Failure, headers: Headers): Response => {
    if (!prefersHtml(headers, listener)) return failureReply(failure);
    const body = { error: failure.code, message: FAILURES[failure.code], ...failure.detail };
    return htmlReply(
      renderRefusal(problemOf(statusOf(failure.code), body), ASSET_URLS),
      statusOf(failure.code),
    );
  };
}

/** Whoever looks at the gallery makes its literals; nobody else waits for them. */
async function showGallery({ url }: Request): Promise<Response> {
  const { renderGallery } = await import("../../views/gallery/gallery.tsx");
  return htmlReply(renderGallery(ASSET_URLS, new URL(url).searchParams));
}

/** `GET /ui/commands`: the command list alone. Applying a filter also updates the filters in the page's address. */
async function showCommandList(backend: Backend, asked: PageRequest, request: Request): Promise<Response> {
  const at = pageOfFragment(request);
  const currentRunId = /^\/(?:runs|artifacts)\/([^/:]+)/.exec(at.pathname)?.[1] ?? null;
  const commandList = await readCommandList(backend, { ...asked, pathname: at.pathname }, currentRunId);
  const status = commandList.kind === "problem" ? commandList.problem.status : 200;
  const part = asked.query.get("part");
  if (part === "more") return htmlReply(renderMoreCommands(commandList), status);
  if (part === "first") return htmlReply(renderFirstCommands(commandList), status);
  const isTyped = request.headers.get("hx-trigger") === "filters";
  const address = addressOf(at.pathname, [
    ...filterEntries(asked.filters),
    ["step", at.searchParams.get("step")],
    ["from", at.searchParams.get("from")],
    ...pageParamEntries(asked.params),
  ]);
  return htmlReply(renderCommandList(commandList), status, isTyped ? { "hx-replace-url": address } : {});
}

/** The API's JSON to a browser that asked for it by its address. */
async function inline(api: FetchHandler, path: string, filename?: string): Promise<Response> {
  const answer = await api(
    new Request(new URL(path, "http://api.internal"), { headers: { accept: "application/json" } }),
  );
  if (filename === undefined || !answer.ok) return answer;
  const headers = new Headers(answer.headers);
  headers.set("content-disposition", `attachment; filename="${filename}"`);
  return new Response(answer.body, { status: answer.status, headers });
}

/** Health is asked by machines, which send any `Accept` or none. */
const NEVER_A_PAGE = new Set(["/healthz"]);

/** The API's answer as it is; only a refusal is put into words for those who came with a browser. */
async function passThrough(
  { api, listener }: UiOptions,
  backend: Backend,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const answer = await api(request);
  const isRefusal =
    answer.status >= 400 && /^application\/json/.test(answer.headers.get("content-type") ?? "");
  const isForPeople =
    request.method === "GET" && !NEVER_A_PAGE.has(pathname) && prefersHtml(request.headers, listener);
  if (!isRefusal || !isForPeople) return answer;
  const problem = problemOf(answer.status, await answer.json().catch(() => null));
  return showProblem(backend, readPageRequest(request), problem);
}

function isUnsafe({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

async function replyToError(
  { log, listener }: UiOptions,
  backend: Backend,
  request: Request,
  error: unknown,
): Promise<Response> {
  const failure = error instanceof Failure ? error : new Failure("internal_error", {}, { cause: error });
  if (failure.code === "internal_error") {
    log.requestFailed({ method: request.method, path: new URL(request.url).pathname, error: failure.cause });
  }
  if (!prefersHtml(request.headers, listener)) return failureReply(failure);
  const problem = problemOf(statusOf(failure.code), { error: failure.code, ...failure.detail });
  return sayNo(backend, readPageRequest(request), problem, "");
}
