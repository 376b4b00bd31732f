import { gzipSync } from "node:zlib";
import Negotiator from "negotiator";
import { FAILURES, type Failure, type FailureCode } from "../failure.ts";

/** The status of each failure: here and nowhere else. A code without one does not compile. */
const STATUS = {
  invalid_request: 400,
  request_timeout: 408,
  headers_too_large: 431,
  invalid_json: 400,
  invalid_run_id: 400,
  invalid_artifact_id: 400,
  invalid_run_payload: 400,
  invalid_query: 400,
  invalid_command: 400,
  workflow_id_payload_mismatch: 409,
  run_not_found: 404,
  artifact_not_found: 404,
  run_not_resumable: 409,
  run_not_cancellable: 409,
  run_not_forkable: 409,
  unsupported_media_type: 415,
  payload_too_large: 413,
  cross_site_request: 403,
  not_found: 404,
  method_not_allowed: 405,
  database_unavailable: 503,
  api_unavailable: 503,
  storage_unavailable: 503,
  internal_error: 500,
} as const satisfies Record<FailureCode, number>;

export function statusOf(code: FailureCode): number {
  return STATUS[code];
}

/** Codes whose body says the code and nothing more: there is nothing to add that a client may know. */
const TERSE: ReadonlySet<FailureCode> = new Set(["invalid_json", "internal_error"]);

/** Codes whose body is fixed by the contract, to the key. */
const EXACT: ReadonlySet<FailureCode> = new Set([
  "invalid_run_id",
  "invalid_artifact_id",
  "workflow_id_payload_mismatch",
  "run_not_found",
  "artifact_not_found",
]);

/** The body of a failure: its code, its detail, and for people its message where the contract leaves room for one. */
export function failureBody(failure: Pick<Failure, "code" | "detail">): Record<string, unknown> {
  if (TERSE.has(failure.code)) return { error: failure.code };
  if (EXACT.has(failure.code)) return { error: failure.code, ...failure.detail };
  return { error: failure.code, message: FAILURES[failure.code], ...failure.detail };
}

/** Which listener a request came in by; it decides what no preference means. */
export type Listener = "api" | "ui";

/** Said by htmx: of a part, and of a page that is restored from history. */
const PAGES_OWN = ["hx-request", "hx-history-restore-request"] as const;

/** What a reply depends on besides the address. */
const VARY = "Accept, HX-Request, HX-History-Restore-Request";

/**
 * The one rule of who gets HTML: whoever prefers it, and on the UI listener also whoever takes anything. A missing `Accept`
 * takes anything. A page's own requests take anything as well, and want HTML wherever the page was opened.
 */
export function prefersHtml(headers: Headers, listener: Listener): boolean {
  if (PAGES_OWN.some((name) => headers.get(name) === "true")) return true;
  const offered = listener === "ui" ? ["text/html", "application/json"] : ["application/json", "text/html"];
  const accept = headers.get("accept") ?? "*/*";
  return new Negotiator({ headers: { accept } }).mediaType(offered) === "text/html";
}

const SAFE_HEADERS = {
  vary: VARY,
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;

export function jsonReply(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return writtenJsonReply(JSON.stringify(value), status, headers);
}

/** What is JSON already. */
export function writtenJsonReply(json: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(`${json}\n`, {
    status,
    headers: { ...SAFE_HEADERS, "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/**
 * What a page may do: load from this program, send forms to it, and nothing else. No script or style within the page, so a
 * document that gets its markup into one has gained nothing.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function htmlReply(html: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(html, {
    status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": PAGE_POLICY,
      // Without any, browsers send a form of ours with `Origin: null`, and over plain HTTP nothing else tells where it is from.
      "referrer-policy": "same-origin",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      ...headers,
    },
  });
}

export function takesGzip({ headers }: Request): boolean {
  const accepted = { "accept-encoding": headers.get("accept-encoding") ?? "identity" };
  return new Negotiator({ headers: accepted }).encoding(["gzip", "identity"]) === "gzip";
}

/** Fast rather than small: the page is made anew for each reader. */
const GZIP_LEVEL = 4;

/** A page as gzip for those who take it. Only pages: what the API answers, and what is stored, goes out as it is. */
export async function packed(request: Request, reply: Response): Promise<Response> {
  const isPage = reply.headers.get("content-type")?.startsWith("text/html") === true;
  if (!isPage || !takesGzip(request)) return reply;
  const headers = new Headers(reply.headers);
  headers.set("content-encoding", "gzip");
  headers.append("vary", "Accept-Encoding");
  const bytes = gzipSync(new Uint8Array(await reply.arrayBuffer()), { level: GZIP_LEVEL });
  headers.set("content-length", String(bytes.length));
  return new Response(bytes, { status: reply.status, headers });
}

/** Bytes as they are stored, with what makes them safe to hand to a browser. */
export function bytesReply(bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Response {
  return new Response(bytes, {
    headers: {
      ...SAFE_HEADERS,
      "content-security-policy": "sandbox; default-src 'none'",
      "content-length": String(bytes.length),
      ...headers,
    },
  });
}

/** What the client has is what there is. */
export function notModifiedReply(headers: Record<string, string>): Response {
  return new Response(null, { status: 304, headers: { vary: VARY, ...headers } });
}

/** Seconds after which a client may well try again. */
const RETRY_AFTER_S = "1";

export function failureReply(failure: Pick<Failure, "code" | "detail">): Response {
  const headers: Record<string, string> = {};
  if (STATUS[failure.code] === 503) headers["retry-after"] = RETRY_AFTER_S;
  if (failure.code === "method_not_allowed") headers.allow = String(failure.detail.allow ?? "");
  return jsonReply(failureBody(failure), STATUS[failure.code], headers);
}
