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
import { judgeTarget } from "./raw-path.ts";
import { failureBody, failureReply, statusOf } from "./reply.ts";

export type FetchHandler = (request: Request) => Promise<Response>;

export type HttpListener = Readonly<{
  url: string;
  /** Takes no new connections, lets requests under way finish within `graceMs`, then ends the rest. */
  close(graceMs: number): Promise<void>;
}>;

/** Stands in every request's URL; who wants to know what the client called this program reads its `Host` header. */
const INTERNAL_HOST = "jejakekal.internal";

/** Slow clients are given this long for their headers, and this long for a whole request. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const UNREAD_GRACE_MS = 1_000;

/**
 * Listens with `node:http` on every runtime. It alone hands over the request target as it was sent, on Node and Bun alike;
 * Bun's own server and Elysia's Node adapter both resolve `..` first, each in its own way.
 *
 * @throws StartFailure when the port is taken, with the name of the variable that sets it
 */
export async function listen({
  host,
  port,
  portVariable,
  handler,
  log,
  refusal = failureReply,
}: {
  host: string;
  port: number;
  portVariable: "API_PORT" | "UI_PORT";
  handler: FetchHandler;
  log: Log;
  /** How a target that is none is answered, before any handler sees it. */
  refusal?: (failure: Failure, headers: Headers) => Response;
}): Promise<HttpListener> {
  const serve = createRequestListener(async (request) => named(await handler(request)), {
    // The URL is composed of this and the judged target. The client's `Host` may hold a slash, and so a path of its own; and
    // Elysia looks for the path from the twelfth character on, which passes over it when the host has less than four.
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
    (req, res) => admit(req, res, serve, refusal),
  );
  // A client that has said all it has to say may close its side and still wants the answer. Known to both runtimes, not to types.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("clientError", refuseMalformed);
  await bind(server, host, port, portVariable);
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}`,
    close: (graceMs) => close(server, graceMs),
  };
}

/** With the words of its status, for people who read what comes; Bun adds them by itself, Node does not. */
function named({ body, status, headers }: Response): Response {
  return new Response(body, { status, statusText: STATUS_CODES[status] ?? "", headers });
}

/** Judges the target as it came, then lets the request in with the judged one. */
function admit(
  req: IncomingMessage,
  res: ServerResponse,
  serve: ReturnType<typeof createRequestListener>,
  refusal: (failure: Failure, headers: Headers) => Response,
): void {
  try {
    const { pathname, search } = judgeTarget(req.url ?? "");
    req.url = pathname + search;
    // The routes know GET; `res` knows that the answer to HEAD has no body.
    if (req.method === "HEAD") req.method = "GET";
    // A `Request` cannot be made for this one: one that no route takes stands in for it, and is refused as such.
    if (req.method === "TRACE") req.method = "PROPFIND";
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure("internal_error", {}, { cause: error });
    void refuse(req, res, refusal(failure, new Headers({ accept: req.headers.accept ?? "*/*" })));
    return;
  }
  res.once("finish", () => discardUnread(req));
  void serve(req, res);
}

/**
 * A handler that refuses a request leaves its body unread, which would block the connection for the request behind it. The
 * rest is let through unseen for a moment; who sends on after that has been answered and is not listening.
 */
function discardUnread(req: IncomingMessage): void {
  if (req.readableEnded) return;
  req.removeAllListeners("data");
  req.resume();
  const timer = setTimeout(() => req.socket.destroy(), UNREAD_GRACE_MS);
  req.once("close", () => clearTimeout(timer));
}

async function refuse(req: IncomingMessage, res: ServerResponse, reply: Response): Promise<void> {
  res.writeHead(reply.status, Object.fromEntries(reply.headers));
  res.end(await reply.text());
  req.resume();
}

/** What is no HTTP gets an answer all the same, as JSON, straight into the socket: there is no response object for it. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
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
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? "Bad Request"}\r\n${lines.join("")}\r\n${body}`);
}

const REASONS: Readonly<Record<number, string>> = {
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

function malformedCode(code: string): FailureCode {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "request_timeout";
  return code === "HPE_HEADER_OVERFLOW" ? "headers_too_large" : "invalid_request";
}

async function bind(server: Server, host: string, port: number, variable: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    // Asked first, because of a name that nobody knows Bun's server says something else each time.
    await lookup(host);
    server.listen({ host, port, exclusive: true }, resolve);
    await promise;
  } catch (error) {
    throw cannotBind(error, host, port, variable);
  } finally {
    server.off("error", reject);
  }
}

function cannotBind(error: unknown, host: string, port: number, variable: string): StartFailure {
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

async function close(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await promise;
  clearTimeout(timer);
}
