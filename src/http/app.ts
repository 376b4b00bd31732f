import { type AnyElysia, Elysia } from "elysia";
import { type Identity, includesScope } from "../domain/access.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { NO_TRACING, type TracedAnswer, type Tracing } from "../tracing/tracing.ts";
import { apiRoutes, readRoutes } from "./api/routes.ts";
import type { ApiSource, Reach } from "./api-source.ts";
import { compressReply } from "./compress.ts";
import { isCrossSite } from "./cross-site.ts";
import type { Client } from "./forwarded.ts";
import { createIdentify } from "./identify.ts";
import type { ClientHandler, FetchHandler } from "./listener.ts";
import { type ApiClient, createApiClient, problemOf } from "./pages/api-client.ts";
import { showProblem, wantsProblemPage } from "./pages/problem-page.ts";
import { pageRoutes, SHARED_ROUTES } from "./pages/routes.ts";
import { redirectToSignIn } from "./pages/sign-in.ts";
import { failureReply, htmlReply, jsonReply, type ListenerName } from "./reply.ts";
import { contextFor, contextOf, findIdentity, setContext, setIdentity } from "./request-context.ts";
import { logFailure, toFailure } from "./request-failure.ts";
import { bytesOf, REQUEST_ID, requestIdOf, runIdOf } from "./request-log.ts";
import { createRouteTable, OPEN, READ, type Route } from "./route-table.ts";

/**
 * The app behind a listener: one Elysia app with one route table, composed of two plugins, the pages and the API. In the
 * split mode routes that forward to the API take the place of the API. Both listeners have this app and differ in what a
 * client without a preference gets.
 */
export function createHttpApp({
  listener,
  api,
  reach,
  maxBodyBytes,
  hasOcr = false,
  tracing = NO_TRACING,
  log,
}: {
  listener: ListenerName;
  api: ApiSource;
  reach: Reach;
  maxBodyBytes: number;
  hasOcr?: boolean;
  tracing?: Tracing;
  log: Log;
}): ClientHandler {
  const identify = createIdentify(api, reach);

  const clientOf = (request: Request): ApiClient => {
    const { client } = contextOf(request);
    const callApi: FetchHandler = async (call) =>
      api.kind === "remote" ? api.forward(call) : answer(call, client);
    const bundle = api.kind === "bundle" ? api.bundle : null;
    return createApiClient(callApi, { maxBodyBytes, hasOcr }, request.headers, bundle);
  };

  const refuse: Refuse = async (request, json) => {
    if (!wantsProblemPage(request, listener)) return json;
    if (json.status === 401) return redirectToSignIn(request);
    const body: unknown = await json.json().catch(() => null);
    const page = await showProblem(clientOf(request), request, problemOf(json.status, body));
    return htmlReply({ ...page, headers: { ...page.headers, ...keepHeaders(json.headers) } });
  };

  const refuseError = (error: unknown, request: Request): Promise<Response> => {
    const failure = toFailure(error, request, routes);
    logFailure(log, request, failure);
    return refuse(request, failureReply(failure));
  };

  const app: AnyElysia = new Elysia({ normalize: false, strictPath: true })
    .onError(({ error, request }) => refuseError(error, request))
    .use(pageRoutes(clientOf, listener))
    .use(routesOf(api, refuse));
  const routes = createRouteTable(app.routes);

  /** Checks the token of a request against the scope of its route. */
  const authorize = async (
    request: Request,
    { address }: Client,
    route: Route | null,
    countRequest: (identity: Identity) => void,
  ): Promise<void> => {
    const scope = route?.scope ?? "open";
    if (scope === "open") return;
    const identity = await identify(request.headers, address);
    if (!includesScope(identity.scope, scope)) throw new Failure("forbidden", { scope });
    countRequest(identity);
    setIdentity(request, identity);
  };

  const answerOnRoute = async (
    request: Request,
    client: Client,
    route: Route | null,
    countRequest: (identity: Identity) => void,
  ): Promise<Response> => {
    setContext(request, contextFor(request.headers, client, reach.publicUrl));
    try {
      await authorize(request, client, route, countRequest);
    } catch (error) {
      return refuseError(error, request);
    }
    return app.handle(request);
  };

  /** A page's own requests to the API pass here: their token is checked, and they count as part of the request for the page. */
  const answer: ClientHandler = (request, client) => {
    const route = routes.find(request.method, new URL(request.url).pathname);
    return answerOnRoute(request, client, route, () => undefined);
  };

  /** In the split mode the API counts what it gets. */
  const countRequest = (identity: Identity): void => {
    if (api.kind === "local") api.getServices()?.access.countRequest(identity);
  };

  const answerAndLog = async (
    request: Request,
    client: Client,
    route: Route | null,
    describe: (answer: TracedAnswer) => void,
  ): Promise<Response> => {
    const began = performance.now();
    const { pathname } = new URL(request.url);
    const requestId = requestIdOf(request.headers.get(REQUEST_ID));
    // The API in another process gets it with the credentials.
    request.headers.set(REQUEST_ID, requestId);
    const reply =
      changesState(request.method, pathname) && isCrossSite(request, reach.publicUrl)
        ? failureReply(new Failure("cross_site_request"))
        : api.kind === "bundle" && !isRead(route)
          ? failureReply(new Failure("not_found"))
          : compressReply(request, await answerOnRoute(request, client, route, countRequest));
    const runId = runIdOf(pathname, reply.headers.get("location"));
    describe({ status: reply.status, runId, requestId });
    log.requestAnswered({
      method: request.method,
      route: route?.path ?? null,
      status: reply.status,
      ms: Math.round(performance.now() - began),
      bytes: bytesOf(reply),
      runId,
      token: findIdentity(request)?.token?.name ?? null,
      requestId,
    });
    reply.headers.set(REQUEST_ID, requestId);
    return reply;
  };

  return (request, client) => {
    const { method, headers } = request;
    const route = routes.find(method, new URL(request.url).pathname);
    // Health checks and the files of pages would be most of all traces.
    if (route?.scope === "open") return answerAndLog(request, client, route, () => undefined);
    const traced = { method, route: route?.path ?? null, traceparent: headers.get("traceparent") };
    return tracing.traceRequest(traced, (describe) => answerAndLog(request, client, route, describe));
  };
}

function routesOf(api: ApiSource, refuse: Refuse): AnyElysia {
  if (api.kind === "local") return apiRoutes(api.getServices);
  return api.kind === "remote" ? forwardRoutes(api.forward, refuse) : readRoutes(() => api.services);
}

/** Whether the route of a request only reads. An address without a route is refused by the app, as everywhere. */
function isRead(route: Route | null): boolean {
  return route === null || route.scope === "read" || route.scope === "open";
}

/** Headers that tell a client what to do after a refusal, kept for JSON and for pages. */
const REFUSAL_HEADERS = ["allow", "retry-after", "www-authenticate"] as const;

function keepHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    REFUSAL_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Answers a refused request: with `json` as it is, or for a person with a page that shows it. */
type Refuse = (request: Request, json: Response) => Promise<Response>;

/**
 * The split mode, in which the API checks what a request may do: the addresses of the API, forwarded. Those that also have a page
 * are routes by their own path, because the pages know them by it.
 */
function forwardRoutes(forward: FetchHandler, refuse: Refuse): AnyElysia {
  const handle = async ({ request }: Readonly<{ request: Request }>): Promise<Response> => {
    const answer = await forward(request);
    const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
    return answer.status >= 400 && isJson ? refuse(request, answer) : answer;
  };
  const routes = new Elysia({ name: "forward" }).all("/*", handle, { parse: "none", ...READ });
  routes.get("/livez", () => jsonReply({ ok: true }), OPEN);
  for (const path of OPEN_PATHS) routes.get(path, handle, OPEN);
  for (const path of Object.keys(SHARED_ROUTES)) if (path !== "/") routes.get(path, handle, READ);
  return routes;
}

/** Addresses of the API that answer without a token. */
const OPEN_PATHS = ["/healthz", "/readyz"] as const;

/** The one GET that changes something: it writes a bundle to disk and an event to the journal. */
const EXPORT_PATH = /^(\/ui)?\/runs\/[^/]+\/export$/;

function changesState(method: string, pathname: string): boolean {
  if (method === "OPTIONS") return false;
  return method !== "GET" || EXPORT_PATH.test(pathname);
}
