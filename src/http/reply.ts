import Negotiator from "negotiator";
import { FAILURES, type Failure, type FailureCode } from "../failure.ts";
import type { ByteRange } from "./range.ts";
import { replyOfBytes } from "./send-reply.ts";

/** The status of each failure: here and nowhere else. A code without one does not compile. */
const STATUS = {
  invalid_request: 400,
  request_timeout: 408,
  headers_too_large: 431,
  misdirected_request: 421,
  expectation_failed: 417,
  range_not_satisfiable: 416,
  invalid_json: 400,
  invalid_run_id: 400,
  invalid_artifact_id: 400,
  invalid_batch_id: 400,
  invalid_run_payload: 400,
  invalid_query: 400,
  invalid_command: 400,
  workflow_id_payload_mismatch: 409,
  run_not_found: 404,
  artifact_not_found: 404,
  artifact_erased: 410,
  review_item_not_found: 404,
  batch_not_found: 404,
  run_not_resumable: 409,
  run_not_cancellable: 409,
  run_not_erasable: 409,
  run_not_forkable: 409,
  unsupported_media_type: 415,
  payload_too_large: 413,
  cross_site_request: 403,
  unauthenticated: 401,
  forbidden: 403,
  too_many_requests: 429,
  too_many_runs: 429,
  token_exists: 409,
  token_not_found: 404,
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

/** Codes whose body is the code alone. */
const CODE_ONLY: ReadonlySet<FailureCode> = new Set(["invalid_json", "internal_error"]);

/** Codes whose body the contract fixes: the code and the detail, no message. */
const WITHOUT_MESSAGE: ReadonlySet<FailureCode> = new Set([
  "invalid_run_id",
  "invalid_artifact_id",
  "workflow_id_payload_mismatch",
  "run_not_found",
  "artifact_not_found",
]);

/** The JSON body of a failure: its code, its detail, and a message for people unless the contract fixes the body without one. */
export function failureBody(failure: Pick<Failure, "code" | "detail">): Record<string, unknown> {
  if (CODE_ONLY.has(failure.code)) return { error: failure.code };
  if (WITHOUT_MESSAGE.has(failure.code)) return { error: failure.code, ...failure.detail };
  return { error: failure.code, message: FAILURES[failure.code], ...failure.detail };
}

/** Which listener a request came in by. It decides what a client without a preference gets. */
export type ListenerName = "api" | "ui";

/** htmx sends these with a request for a fragment, and for a page that it restores from history. */
const HTMX_HEADERS = ["hx-request", "hx-history-restore-request"] as const;

/** The request headers that a reply depends on. */
const VARY = "Accept, HX-Request, HX-History-Restore-Request";

/**
 * The one rule of content negotiation. A client gets HTML when its `Accept` prefers it, and on the UI listener also when it
 * accepts anything; a missing `Accept` accepts anything. Requests by htmx always get HTML, though their `Accept` is any type.
 */
export function prefersHtml(headers: Headers, listener: ListenerName): boolean {
  if (HTMX_HEADERS.some((name) => headers.get(name) === "true")) return true;
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
  return jsonTextReply(JSON.stringify(value), status, headers);
}

/** Like `jsonReply`, for a value that is JSON text already. */
export function jsonTextReply(json: string, status = 200, headers: Record<string, string> = {}): Response {
  const bytes = Buffer.from(`${json}\n`);
  return replyOfBytes(bytes, {
    status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": "application/json; charset=utf-8",
      "content-length": String(bytes.length),
      ...headers,
    },
  });
}

/**
 * A page loads from this program, sends forms to it, and does nothing else. Inline scripts and styles are not allowed, so
 * markup of a document that reached a page could not run.
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

/** A page or a fragment of one, with the headers that only it has. `status` is 200 where it is not given. */
export type Page = Readonly<{ html: string; status?: number; headers?: Readonly<Record<string, string>> }>;

/** All headers of a page but its content type, which the `@elysiajs/html` plugin sets. */
export function pageHeaders({ headers = {} }: Page): Record<string, string> {
  return {
    ...SAFE_HEADERS,
    "content-security-policy": PAGE_POLICY,
    // With `no-referrer` browsers send a form of ours with `Origin: null`, and over plain HTTP no other header tells its origin.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    ...headers,
  };
}

export const HTML_TYPE = "text/html; charset=utf-8";

/** A page for a request that reached no route of the pages. */
export function htmlReply(page: Page): Response {
  return new Response(page.html, {
    status: page.status ?? 200,
    headers: { "content-type": HTML_TYPE, ...pageHeaders(page) },
  });
}

/** Keeps a browser from running stored bytes as a page of this program. */
const SANDBOX_POLICY = "sandbox; default-src 'none'";

/** Stored bytes. */
export function bytesReply(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  status = 200,
): Response {
  return replyOfBytes(bytes, {
    status,
    headers: {
      ...SAFE_HEADERS,
      "content-security-policy": SANDBOX_POLICY,
      "content-length": String(bytes.length),
      ...headers,
    },
  });
}

/** Stored bytes that are read while they are sent, as fast as the client takes them. */
export function streamReply(parts: AsyncGenerator<Uint8Array>, headers: Record<string, string>): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return(undefined);
      },
    },
    // Nothing is read ahead.
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { ...SAFE_HEADERS, "content-security-policy": SANDBOX_POLICY, ...headers },
  });
}

/** 206: a part of stored bytes. */
export function partReply(
  bytes: Uint8Array<ArrayBuffer>,
  { start, end }: ByteRange,
  headers: Record<string, string>,
): Response {
  const contentRange = `bytes ${start}-${end - 1}/${bytes.length}`;
  return bytesReply(bytes.subarray(start, end), { ...headers, "content-range": contentRange }, 206);
}

/** 304: the copy that the client has is current. */
export function notModifiedReply(headers: Record<string, string>): Response {
  return new Response(null, { status: 304, headers: { vary: `${VARY}, Accept-Encoding`, ...headers } });
}

const RETRY_AFTER_S = "1";

/** RFC 6750 */
const CHALLENGE = 'Bearer realm="jejakekal"';

export function failureReply(failure: Pick<Failure, "code" | "detail">): Response {
  const headers: Record<string, string> = {};
  if (STATUS[failure.code] === 503) headers["retry-after"] = RETRY_AFTER_S;
  if (failure.code === "unauthenticated") headers["www-authenticate"] = CHALLENGE;
  if (failure.code === "forbidden") {
    headers["www-authenticate"] = `${CHALLENGE}, error="insufficient_scope", scope="${failure.detail.scope}"`;
  }
  if (STATUS[failure.code] === 429) headers["retry-after"] = String(failure.detail.retry_after_s);
  if (failure.code === "range_not_satisfiable") headers["content-range"] = `bytes */${failure.detail.bytes}`;
  if (failure.code === "method_not_allowed") headers.allow = String(failure.detail.allow ?? "");
  return jsonReply(failureBody(failure), STATUS[failure.code], headers);
}
