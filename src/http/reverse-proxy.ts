import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { readFormBody } from "./body.ts";
import type { FetchHandler } from "./listener.ts";
import { failureBody, failureReply, jsonReply } from "./reply.ts";

/** Headers that belong to one connection and not to the message, besides those that `Connection` names. */
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

/** How long the head of an answer may take. Each is longer than the API takes, sending an upload included. */
const HEAD_TIMEOUT_MS = { upload: 60_000, read: 10_000, health: 3_000 } as const;

/**
 * Forwards requests to the API at `baseUrl`, and its answers back, unchanged. An API that cannot be reached is a 503
 * `api_unavailable`.
 * @throws Failure `payload_too_large` for a body that the API would not read to its end either
 */
export function createReverseProxy({
  baseUrl,
  maxBodyBytes,
  log,
  headTimeoutMs,
}: {
  baseUrl: string;
  maxBodyBytes: number;
  log: Pick<Log, "apiTrouble">;
  headTimeoutMs?: number;
}): FetchHandler {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body === null ? null : new Uint8Array(await readFormBody(request, maxBodyBytes));
    const kind = pathname === "/healthz" ? "health" : body === null ? "read" : "upload";
    // The timeout ends with the head: the body of an answer takes as long as its reader does.
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), headTimeoutMs ?? HEAD_TIMEOUT_MS[kind]);
    try {
      const answer = await fetch(targetOf(baseUrl, pathname, search), {
        method: request.method,
        headers: forwardedHeaders(request.headers),
        redirect: "manual",
        signal: AbortSignal.any([request.signal, timeout.signal]),
        ...(body === null ? {} : { body }),
      });
      return new Response(answer.body, { status: answer.status, headers: withoutHopByHop(answer.headers) });
    } catch (error) {
      log.apiTrouble({ error });
      return unavailableReply(pathname);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Sets path and query on the base URL instead of resolving them against it, so that no path can name another host. */
function targetOf(baseUrl: string, pathname: string, search: string): URL {
  const target = new URL(baseUrl);
  target.pathname = pathname;
  target.search = search;
  return target;
}

function forwardedHeaders(headers: Headers): Headers {
  const kept = withoutHopByHop(headers);
  for (const name of ["host", "content-length", "content-encoding"]) kept.delete(name);
  // This listener has refused cross-site requests; the API has another origin and would refuse all that name one.
  for (const name of ["origin", "sec-fetch-site"]) kept.delete(name);
  // What a client claims here must not reach an API that trusts this listener as a proxy.
  for (const name of ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"]) kept.delete(name);
  // Keeps `fetch` from asking for a compressed answer and unpacking it on the way.
  kept.set("accept-encoding", "identity");
  return kept;
}

function withoutHopByHop(headers: Headers): Headers {
  const kept = new Headers(headers);
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim());
  for (const name of [...HOP_BY_HOP, ...named]) if (name !== "") kept.delete(name);
  return kept;
}

/** `GET /healthz` has `ok` in its body whatever the answer is. */
function unavailableReply(pathname: string): Response {
  const failure = new Failure("api_unavailable");
  if (pathname !== "/healthz") return failureReply(failure);
  return jsonReply({ ok: false, ...failureBody(failure) }, 503, { "retry-after": "1" });
}
