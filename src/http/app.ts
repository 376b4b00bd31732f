import { type AnyElysia, Elysia } from "elysia";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { apiRoutes } from "./api/routes.ts";
import type { Services } from "./api/services.ts";
import { compressReply } from "./compress.ts";
import { isCrossSite } from "./cross-site.ts";
import type { FetchHandler } from "./listener.ts";
import { createApiClient, problemOf } from "./pages/api-client.ts";
import { showProblem, wantsProblemPage } from "./pages/problem-page.ts";
import { pageRoutes, SHARED_ROUTES } from "./pages/routes.ts";
import { failureReply, htmlReply, type ListenerName } from "./reply.ts";
import { logFailure, toFailure } from "./request-failure.ts";
import { createRouteTable, OPEN } from "./route-table.ts";

/** The API: services in this process, null until they are up; or another process that requests are forwarded to. */
export type ApiSource =
  | Readonly<{ kind: "local"; getServices: () => Services | null }>
  | Readonly<{ kind: "remote"; forward: FetchHandler }>;

/**
 * The app behind a listener: one Elysia app with one route table, composed of two plugins, the pages and the API. In the
 * split mode routes that forward to the API take the place of the API. Both listeners have this app and differ in what a
 * client without a preference gets.
 */
export function createHttpApp({
  listener,
  api,
  maxBodyBytes,
  log,
}: {
  listener: ListenerName;
  api: ApiSource;
  maxBodyBytes: number;
  log: Log;
}): FetchHandler {
  const callApi: FetchHandler = async (request) =>
    api.kind === "remote" ? api.forward(request) : app.handle(request);
  const client = createApiClient(callApi, maxBodyBytes);

  const refuse: Refuse = async (request, json) => {
    if (!wantsProblemPage(request, listener)) return json;
    const body: unknown = await json.json().catch(() => null);
    const page = await showProblem(client, request, problemOf(json.status, body));
    return htmlReply({ ...page, headers: { ...page.headers, ...keepHeaders(json.headers) } });
  };

  const app: AnyElysia = new Elysia({ normalize: false, strictPath: true })
    .onError(async ({ error, request }) => {
      const failure = toFailure(error, request, routes);
      logFailure(log, request, failure);
      return refuse(request, failureReply(failure));
    })
    .use(pageRoutes(client, listener))
    .use(api.kind === "local" ? apiRoutes(api.getServices) : forwardRoutes(api.forward, refuse));

  const routes = createRouteTable(app.routes);
  return async (request) =>
    changesState(request) && isCrossSite(request)
      ? failureReply(new Failure("cross_site_request"))
      : compressReply(request, await app.handle(request));
}

/** Headers that tell a client what to do after a refusal, kept for JSON and for pages. */
const REFUSAL_HEADERS = ["allow", "retry-after"] as const;

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
 * The split mode, in which the API checks what a request may do: the addresses of the API, forwarded. Those that also have a page are routes by their own path, because the
 * pages know them by it.
 */
function forwardRoutes(forward: FetchHandler, refuse: Refuse): AnyElysia {
  const handle = async ({ request }: Readonly<{ request: Request }>): Promise<Response> => {
    const answer = await forward(request);
    const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
    return answer.status >= 400 && isJson ? refuse(request, answer) : answer;
  };
  const routes = new Elysia({ name: "forward" }).all("/*", handle, { parse: "none", ...OPEN });
  for (const path of Object.keys(SHARED_ROUTES)) if (path !== "/") routes.get(path, handle, OPEN);
  return routes;
}

/** The one GET that changes something: it writes a bundle to disk and an event to the journal. */
const EXPORT_PATH = /^(\/ui)?\/runs\/[^/]+\/export$/;

function changesState({ method, url }: Request): boolean {
  if (method === "OPTIONS") return false;
  return method !== "GET" || EXPORT_PATH.test(new URL(url).pathname);
}
