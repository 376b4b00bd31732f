import { gzipSync } from "node:zlib";
import Negotiator from "negotiator";

export function acceptsGzip({ headers }: Request): boolean {
  const accepted = { "accept-encoding": headers.get("accept-encoding") ?? "identity" };
  return new Negotiator({ headers: accepted }).encoding(["gzip", "identity"]) === "gzip";
}

/** Fast rather than small, because each page is made for one reader. */
const GZIP_LEVEL = 4;

/** Compresses a page for a client that accepts gzip. JSON and downloads are sent as they are. */
export async function compressReply(request: Request, reply: Response): Promise<Response> {
  const isPage = reply.headers.get("content-type")?.startsWith("text/html") === true;
  if (!isPage || !acceptsGzip(request)) return reply;
  const headers = new Headers(reply.headers);
  headers.set("content-encoding", "gzip");
  headers.append("vary", "Accept-Encoding");
  const bytes = gzipSync(new Uint8Array(await reply.arrayBuffer()), { level: GZIP_LEVEL });
  headers.set("content-length", String(bytes.length));
  return new Response(bytes, { status: reply.status, headers });
}
