import { lookup } from "node:dns/promises";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createRequestListener } from "@remix-run/node-fetch-server";
import { Failure, type FailureCode, StartFailure } from "../failure.ts";
import type { Log } from "../log.ts";
import { parseRequestTarget } from "./raw-path.ts";
import { failureBody, failureReply, statusOf } from "./reply.ts";

export type FetchHandler = (request: Request) => Promise<Response>;

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
  handler,
  refuse,
  log,
}: {
  host: string;
  port: number;
  portVariable: "API_PORT" | "UI_PORT";
  handler: FetchHandler;
  /** Answers a request whose target is refused before the handler sees it. */
  refuse: (failure: Failure, headers: Headers) => Response;
  log: Log;
}): Promise<Listener> {
  const serve = createRequestListener(async (request) => withStatusText(await handler(request)), {
    // The URL is composed of this host and the parsed target. The client's `Host` may contain a slash and so change the path,
    // and Elysia searches the path from the twelfth character on, which skips its start when the host is short.
    host: INTERNAL_HOST,
    onError: (error) => {
      log.requestFailed({ method: "?", path: "?", error });
      return failureReply(new Failure("internal_error"));
    },
  });
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    (req, res) => handleRequest(req, res, serve, refuse),
  );
  // A client may close its side after the request and still wait for the answer. Both runtimes know this property, their
  // types do not.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("clientError", replyToMalformed);
  await bind(server, host, port, portVariable);
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}`,
    close: (graceMs) => closeServer(server, graceMs),
  };
}

/** Adds the reason phrase, which Bun adds by itself and Node does not. */
function withStatusText({ body, status, headers }: Response): Response {
  return new Response(body, { status, statusText: STATUS_CODES[status] ?? "", headers });
}

/** Parses the target as it was sent, and passes the request on with the parsed one. */
function handleRequest(
  req: IncomingMessage,
  res: ServerResponse,
  serve: ReturnType<typeof createRequestListener>,
  refuse: (failure: Failure, headers: Headers) => Response,
): void {
  try {
    const { pathname, search } = parseRequestTarget(req.url ?? "");
    req.url = pathname + search;
    // The routes know GET only; `res` omits the body of an answer to HEAD.
    if (req.method === "HEAD") req.method = "GET";
    // `new Request` does not accept TRACE. PROPFIND stands in for it, because no route takes that method either.
    if (req.method === "TRACE") req.method = "PROPFIND";
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure("internal_error", {}, { cause: error });
    void sendRefusal(req, res, refuse(failure, new Headers({ accept: req.headers.accept ?? "*/*" })));
    return;
  }
  res.once("finish", () => discardUnread(req));
  void serve(req, res);
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

async function sendRefusal(req: IncomingMessage, res: ServerResponse, reply: Response): Promise<void> {
  res.writeHead(reply.status, Object.fromEntries(reply.headers));
  res.end(await reply.text());
  req.resume();
}

/** Answers bytes that are not HTTP, in JSON, directly on the socket: `node:http` makes no response object for them. */
function replyToMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const code = malformedCode(error.code ?? "");
  const status = statusOf(code);
  const body = `${JSON.stringify(failureBody({ code, detail: {} }))}\n`;
  const headers = {
    ...Object.fromEntries(failureReply({ code, detail: {} }).headers),
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`);
}

function malformedCode(code: string): FailureCode {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "request_timeout";
  return code === "HPE_HEADER_OVERFLOW" ? "headers_too_large" : "invalid_request";
}

async function bind(server: Server, host: string, port: number, variable: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    // For an unknown name Bun's server reports a different error each time, so the name is resolved first.
    await lookup(host);
    server.listen({ host, port, exclusive: true }, resolve);
    await promise;
  } catch (error) {
    throw bindFailure(error, host, port, variable);
  } finally {
    server.off("error", reject);
  }
}

function bindFailure(error: unknown, host: string, port: number, variable: string): StartFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken: stop what listens there, or set ${variable} to a free port.`,
    EACCES: `port ${port} on ${host} may not be opened by this user: set ${variable} to a port above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set JEJAKEKAL_HOST to one that is.`,
    ENOTFOUND: `${host} is no address of this machine: set JEJAKEKAL_HOST to one that is.`,
  };
  return new StartFailure(
    `${variable}: ${why[code] ?? `port ${port} on ${host} cannot be opened (${code}).`}`,
    {
      cause: error,
    },
  );
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await promise;
  clearTimeout(timer);
}
