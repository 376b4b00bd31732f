import type { ServerResponse } from "node:http";
import { sendResponse } from "@remix-run/node-fetch-server";

const contents = new WeakMap<Response, Uint8Array>();

/** A reply that is sent at once. The body of a `Response` is a stream, and to read one costs almost as much as a read from the database. */
export function replyOfBytes(bytes: Uint8Array<ArrayBuffer>, init: ResponseInit): Response {
  const reply = new Response(bytes, init);
  contents.set(reply, bytes);
  return reply;
}

/** Resolves when the reply has been written or its client is gone. */
export async function sendReply(res: ServerResponse, reply: Response): Promise<void> {
  const bytes = contents.get(reply);
  if (bytes === undefined) return sendResponse(res, reply);
  res.writeHead(reply.status, reply.statusText, headersOf(reply));
  res.end(bytes);
}

/** A name that comes several times, as `set-cookie` does, has all its values. */
function headersOf({ headers }: Response): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const earlier = all[name];
    all[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return all;
}
