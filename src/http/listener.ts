import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { createHeaders, createRequest } from "@remix-run/node-fetch-server";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import { bindServer } from "./bind.ts";
import type { Client, ReadForwarded } from "./forwarded.ts";
import { answerMalformed } from "./malformed.ts";
import { parseRequestPath, splitTarget } from "./raw-path.ts";
import { failureReply } from "./reply.ts";
import { REQUEST_ID, requestIdOf } from "./request-log.ts";
import { sendReply } from "./send-reply.ts";

export type FetchHandler = (request: Request) => Promise<Response>;

/** A handler that knows who is at the other end. */
export type ClientHandler = (request: Request, client: Client) => Promise<Response>;

/** An open port. */
export type Listener = Readonly<{
  url: string;
  /** Refuses new connections, lets open requests finish within `graceMs`, then closes all connections. */
  close(graceMs: number): Promise<void>;
}>;

/** The host in the URL of every `Request`. The host that the client named is in its `Host` header. */
const INTERNAL_HOST = "jejakekal.internal";

/** How long the headers of a request may take to arrive, and the whole request. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const UNREAD_GRACE_MS = 1_000;

/**
 * Opens a port with `node:http` on every runtime, because only `node:http` passes on the request target as it was sent:
 * Bun's own server and Elysia's Node adapter resolve `..` first, each in its own way.
 *
 * @throws StartFailure when the port cannot be opened, with the name of the variable that sets it
 */
export async function openListener({
  host,
  port,
  portVariable,
  isHostAllowed,
  handler,
  readForwarded,
  refuse,
  log,
}: {
  host: string;
  port: number;
  portVariable: "API_PORT" | "UI_PORT" | "--port";
  /** Takes a `Host` value; a request for another host is refused with 421. */
  isHostAllowed: (host: string) => boolean;
  handler: ClientHandler;
  /** Reads the client and the host that a trusted proxy names. */
  readForwarded: ReadForwarded;
  /** Answers a request that is refused before the handler sees it. */
  refuse: (failure: Failure, headers: Headers) => Response;
  log: Log;
}): Promise<Listener> {
  const answer = async (request: Request, address: string): Promise<Response> => {
    const { client, host } = readForwarded(address, (name) => request.headers.get(name));
    if (host !== request.headers.get("host")) request.headers.set("host", host ?? "");
    return handler(request, client);
  };
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const request = toRequest(req, res);
    try {
      const reply = await answer(request, req.socket.remoteAddress ?? "");
      // The client has gone.
      if (!res.destroyed) await sendReply(res, reply);
    } catch (error) {
      if (res.destroyed) return;
      log.requestFailed({ method: req.method ?? "", path: req.url ?? "", error });
      if (res.headersSent) res.destroy();
      else await sendReply(res, failureReply(new Failure("internal_error")));
    }
  };
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      // Node would answer with an empty body; `checkHost` answers with a documented one.
      requireHostHeader: false,
    },
    (req, res) => {
      try {
        checkHost(req, isHostAllowed, readForwarded);
        rewriteRequest(req);
      } catch (error) {
        void sendRefusal(req, res, refuse(toFailure(error), acceptOf(req)), log);
        return;
      }
      res.once("finish", () => discardUnread(req));
      void serve(req, withDefaultReason(res));
    },
  );
  // A client may close its side after the request and still wait for the answer. Both runtimes know this property, their
  // types do not.
  Object.assign(server, { httpAllowHalfOpen: true });
  const refuseExpectation = (req: IncomingMessage, res: ServerResponse) => {
    // A client that waits for 100 does not send its body, so the connection cannot be used for another request.
    res.setHeader("connection", "close");
    void sendRefusal(req, res, refuse(new Failure("expectation_failed"), acceptOf(req)), log);
  };
  server.on("checkExpectation", refuseExpectation);
  // Also for a list of expectations of which 100-continue is one.
  server.on("checkContinue", (req, res) => {
    if (!/^\s*100-continue\s*$/i.test(req.headers.expect ?? "")) return refuseExpectation(req, res);
    res.writeContinue();
    server.emit("request", req, res);
  });
  answerMalformed(server);
  await bindServer(server, host, port, portVariable);
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}`,
    close: (graceMs) => closeServer(server, graceMs),
  };
}

/**
 * The URL is composed of `INTERNAL_HOST` and the parsed target. The client's `Host` may contain a slash and so change the path, and
 * Elysia searches the path from the twelfth character on, which skips its start when the host is short.
 */
function toRequest(req: IncomingMessage, res: ServerResponse): Request {
  // A request without a body is not aborted while it is read, so it needs no signal, which costs as much as the rest of it.
  return req.method === "GET"
    ? new Request(`http://${INTERNAL_HOST}${req.url}`, { headers: createHeaders(req) })
    : createRequest(req, res, { host: INTERNAL_HOST });
}

/** Has the runtime choose the reason phrase: a `Response` has an empty one, and a copy with another one would cost as much as a read. */
function withDefaultReason(res: ServerResponse): ServerResponse {
  const { writeHead } = res;
  const withoutReason = (status: number, _reason: string, headers: OutgoingHttpHeaders) =>
    writeHead.call(res, status, headers);
  return Object.assign(res, { writeHead: withoutReason });
}

/**
 * Checks the host that a request is for: that of an absolute target, or the one `Host` header.
 * @throws Failure `invalid_request`, `misdirected_request`
 */
function checkHost(
  req: IncomingMessage,
  isHostAllowed: (host: string) => boolean,
  readForwarded: ReadForwarded,
): void {
  const count = req.rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name)).length;
  // HTTP/1.0 has no Host header.
  if (count > 1 || (count === 0 && req.httpVersion !== "1.0")) throw new Failure("invalid_request");
  const { host } = readForwarded(
    req.socket.remoteAddress ?? "",
    (name) => req.headers[name]?.toString() ?? null,
  );
  const named = splitTarget(req.url ?? "").authority ?? host ?? undefined;
  if (named !== undefined && !isHostAllowed(named)) throw new Failure("misdirected_request");
}

/** Replaces the target by the checked one, and methods that the routes do not know by ones that they treat alike. */
function rewriteRequest(req: IncomingMessage): void {
  const { pathname, search } = parseRequestPath(splitTarget(req.url ?? "").path);
  req.url = pathname + search;
  if (req.method === "HEAD") {
    // The routes know GET only; `res` omits the body of an answer to HEAD. A range is for GET alone.
    req.method = "GET";
    delete req.headers.range;
  }
  // `new Request` does not accept TRACE. PROPFIND stands in for it, because no route takes that method either.
  if (req.method === "TRACE") req.method = "PROPFIND";
}

function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("internal_error", {}, { cause: error });
}

function acceptOf({ headers }: IncomingMessage): Headers {
  return new Headers({ accept: headers.accept ?? "*/*" });
}

/**
 * Discards the rest of a body that the handler has not read, because it would block the next request on the connection.
 * A client that sends for longer than a moment after its answer is disconnected.
 */
function discardUnread(req: IncomingMessage): void {
  if (req.readableEnded) return;
  req.removeAllListeners("data");
  req.resume();
  const timer = setTimeout(() => req.socket.destroy(), UNREAD_GRACE_MS);
  req.once("close", () => clearTimeout(timer));
}

async function sendRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  reply: Response,
  log: Pick<Log, "requestAnswered">,
): Promise<void> {
  const requestId = requestIdOf(req.headers[REQUEST_ID]?.toString() ?? null);
  const body = await reply.text();
  res.writeHead(reply.status, { ...Object.fromEntries(reply.headers), [REQUEST_ID]: requestId });
  res.end(body);
  req.resume();
  log.requestAnswered({
    method: req.method ?? "",
    route: null,
    status: reply.status,
    ms: 0,
    bytes: Buffer.byteLength(body),
    runId: null,
    token: null,
    requestId,
  });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await promise;
  clearTimeout(timer);
}
