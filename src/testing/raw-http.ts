import { connect } from "node:net";

/** The bytes of a response, unparsed. */
export type RawReply = Readonly<{
  status: number;
  headers: Headers;
  text: string;
  raw: string;
  /** What follows the head. */
  bytes: Buffer;
}>;

export type RawRequest = Readonly<{
  /** Sent one after the other, each when the one before has left. */
  parts: readonly (string | Uint8Array)[];
  /** Close our side after sending; the reply can still come. */
  halfClose?: boolean;
  /** Read on after the first whole reply, until the server closes. */
  untilClosed?: boolean;
  timeoutMs?: number;
}>;

/** Sends bytes without an HTTP client, which would normalise them. Resolves when the server closes, or has answered with a full body. */
export async function sendRaw(
  url: string,
  { parts, halfClose = false, untilClosed = false, timeoutMs = 10_000 }: RawRequest,
): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.setTimeout(timeoutMs, () =>
    reject(new Error(`no answer: ${Buffer.concat(chunks).toString("latin1")}`)),
  );
  // A server that has answered may reset a connection on which more than it wants to read is under way.
  socket.on("error", (error) => (chunks.length > 0 ? resolve() : reject(error)));
  socket.on("close", () => resolve());
  socket.on("end", () => resolve());
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    if (!untilClosed && isWhole(Buffer.concat(chunks).toString("latin1"))) resolve();
  });
  for (const part of parts) socket.write(part);
  if (halfClose) socket.end();
  try {
    await promise;
  } finally {
    socket.destroy();
  }
  return parse(Buffer.concat(chunks));
}

/** `GET target`, with the target unchanged. */
export function getRaw(url: string, target: string, method = "GET"): Promise<RawReply> {
  return sendRaw(url, {
    parts: [`${method} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`],
  });
}

function isWhole(raw: string): boolean {
  const end = raw.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = raw.slice(0, end + 2);
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) return raw.endsWith("\r\n0\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  return length !== undefined && raw.length >= end + 4 + Number(length);
}

function parse(bytes: Buffer): RawReply {
  const raw = bytes.toString("utf8");
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const body = rest.join("\r\n\r\n");
  const isChunked = headers.get("transfer-encoding") === "chunked";
  return {
    status: Number(statusLine.split(" ")[1] ?? 0),
    headers,
    text: isChunked ? unchunk(body) : body,
    raw,
    bytes: bytes.subarray(bytes.indexOf("\r\n\r\n") + 4),
  };
}

function unchunk(body: string): string {
  let bytes = Buffer.from(body, "utf8");
  let text = "";
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n");
    const size = Number.parseInt(bytes.subarray(0, lineEnd).toString("latin1"), 16);
    if (lineEnd === -1 || !(size > 0)) return text;
    text += bytes.subarray(lineEnd + 2, lineEnd + 2 + size).toString("utf8");
    bytes = bytes.subarray(lineEnd + 2 + size + 2);
  }
}
