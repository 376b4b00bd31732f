import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FailureCode } from "../failure.ts";
import { failureBody, failureReply, statusOf } from "./reply.ts";

/**
 * Answers bytes that are not HTTP with a failure in JSON. Where the answer would follow the reply to the same request, or become a
 * part of a reply that is being sent, the connection is closed instead.
 */
export function answerMalformed(server: Server): void {
  const exchanges = new WeakMap<Duplex, readonly Exchange[]>();
  server.on("request", (req, res) => {
    const unfinished = (exchanges.get(req.socket) ?? []).filter((earlier) => !earlier.res.writableFinished);
    exchanges.set(req.socket, [...unfinished, { req, res }]);
  });
  server.on("clientError", (error, socket) => {
    if (canAnswer(exchanges.get(socket) ?? [])) replyToMalformed(error, socket);
    else socket.destroy();
  });
}

type Exchange = Readonly<{ req: IncomingMessage; res: ServerResponse }>;

/**
 * Whether every reply has been sent, or all but that to the last request, and the malformed bytes belong to its body. A client may
 * send requests before it has the replies to earlier ones.
 */
function canAnswer(exchanges: readonly Exchange[]): boolean {
  const last = exchanges.at(-1);
  if (last === undefined) return true;
  const isFree = exchanges.slice(0, -1).every(({ res }) => res.writableFinished);
  return isFree && (last.req.complete ? last.res.writableFinished : !last.res.headersSent);
}

/** Writes to the socket itself, because `node:http` makes no response object for malformed bytes. */
function replyToMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
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
