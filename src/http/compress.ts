import Negotiator from "negotiator";

/** Shorter content would not become much smaller. */
const MIN_BYTES = 1_024;

const COMPRESSIBLE = /^(text\/|application\/json\b|image\/svg\+xml\b)/;

export function acceptsGzip({ headers }: Request): boolean {
  const accepted = { "accept-encoding": headers.get("accept-encoding") ?? "identity" };
  return new Negotiator({ headers: accepted }).encoding(["gzip", "identity"]) === "gzip";
}

/**
 * Compresses text for a client that accepts gzip, while it is sent. A partial response (206) is not compressed, because a range
 * counts the bytes of the stored form. The `etag` of a compressed content is weak: the bytes differ, the content is the
 * same. So is that of a 304, whose client may have the compressed form.
 */
export function compressReply(request: Request, reply: Response): Response {
  const { body, status } = reply;
  if (status === 304 && acceptsGzip(request)) {
    const headers = new Headers(reply.headers);
    weakenTag(headers);
    return new Response(null, { status, headers });
  }
  const isText = COMPRESSIBLE.test(reply.headers.get("content-type") ?? "");
  if (!isText || reply.headers.has("content-encoding")) return reply;
  // The reply is changed, not copied: the body of a copy is a stream, which costs more than a read from the database.
  const { headers } = reply;
  // An answer that the reverse proxy forwards names it already.
  if (!/\baccept-encoding\b/i.test(headers.get("vary") ?? "")) headers.append("vary", "Accept-Encoding");
  const isShort = Number(headers.get("content-length") ?? MIN_BYTES) < MIN_BYTES;
  if (body === null || status === 206 || isShort || !acceptsGzip(request)) return reply;
  weakenTag(headers);
  headers.set("content-encoding", "gzip");
  headers.delete("content-length");
  headers.delete("accept-ranges");
  return new Response(body.pipeThrough(new CompressionStream("gzip")), { status, headers });
}

function weakenTag(headers: Headers): void {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) headers.set("etag", `W/${etag}`);
}
