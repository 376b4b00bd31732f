import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FailureCode } from "../failure.ts";
import { failureBody, failureReply, statusOf } from "./reply.ts";

/**
 * Answers bytes that are not HTTP with a failure in JSON. On a connection on which a reply is being sent, the answer would
 * become a part of that reply, so the connection is closed instead.
 */
export function answerMalformed(server: Server): void {
  const openReplies = trackOpenReplies();
  server.on("request", openReplies.add);
  server.on("clientError", (error, socket) => {
    if (openReplies.has(socket)) socket.destroy();
    else replyToMalformed(error, socket);
  });
}

/** Which connections have a request that has not been answered to its end. */
function trackOpenReplies() {
  const openBySocket = new WeakMap<Duplex, number>();
  const change = (socket: Duplex, by: number) =>
    openBySocket.set(socket, (openBySocket.get(socket) ?? 0) + by);
  return {
    add({ socket }: IncomingMessage, res: ServerResponse): void {
      change(socket, 1);
      res.once("close", () => change(socket, -1));
    },
    has: (socket: Duplex) => (openBySocket.get(socket) ?? 0) > 0,
  };
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
