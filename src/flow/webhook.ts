import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { Webhook } from "standardwebhooks";
import { RunFailure } from "../failure.ts";
import { withTimeout } from "../timeout.ts";

export type WebhookTarget = Readonly<{
  url: URL;
  /** `whsec_` and base64, the form of Standard Webhooks. */
  secret: string;
  /** Whether a redirect may lead to an address that is not public. The URL itself may: the operator has set it. */
  allowPrivate: boolean;
  /** The timeout of one delivery, redirects included. */
  timeoutMs: number;
}>;

export type WebhookMessage = Readonly<{ messageId: string; body: string }>;

const MAX_REDIRECTS = 3;

/** All addresses of a name, in the order in which they are to be tried. */
export type ResolveName = (name: string) => Promise<readonly Readonly<{ address: string }>[]>;

const resolveName: ResolveName = (name) => lookup(name, { all: true });

/** An address that accepts no connection within this time is left for the next one. */
const CONNECT_TIMEOUT_MS = 2_000;

/** A receiver cannot make a run wait longer than this for its next attempt. */
const MAX_RETRY_AFTER_MS = 10 * 60_000;

/**
 * Delivers a message once, by the Standard Webhooks specification. Every answer except 2xx is a transient failure, and 410 a final
 * one: the receiver is gone.
 * @throws RunFailure `FAILED_EFFECT`, with the time of a `retry-after` of the receiver
 */
export function deliverWebhook(
  target: WebhookTarget,
  message: WebhookMessage,
  resolve: ResolveName = resolveName,
): Promise<{ status: number }> {
  // The lookup of a name takes no abort signal, so the timeout also surrounds the whole delivery.
  return withTimeout(deliver(target, message, resolve), target.timeoutMs, () =>
    notDelivered("no answer in time"),
  );
}

async function deliver(
  target: WebhookTarget,
  { messageId, body }: WebhookMessage,
  resolve: ResolveName,
): Promise<{ status: number }> {
  const now = new Date();
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": "jejakekal",
    "webhook-id": messageId,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(target.secret).sign(messageId, now, body),
  };
  const signal = AbortSignal.timeout(target.timeoutMs);
  let url = target.url;
  for (let redirects = 0; ; redirects += 1) {
    const addresses = await addressesOf(url, redirects === 0 || target.allowPrivate, resolve);
    const answer = await postToFirst(addresses, url, headers, body, signal).catch((cause: unknown) => {
      throw notDelivered("no answer", { cause });
    });
    const { status, location } = answer;
    if (status >= 200 && status < 300) return { status };
    if (status === 410) throw new RunFailure("FAILED_EFFECT", { cause: new Error("the receiver is gone") });
    if ((status !== 307 && status !== 308) || location === undefined) {
      throw notDelivered(`status ${status}`, { retryAfterMs: readRetryAfter(answer.retryAfter, now) });
    }
    if (redirects === MAX_REDIRECTS) throw notDelivered("too many redirects");
    url = redirectTarget(location, url);
  }
}

type Answer = Readonly<{ status: number; location: string | undefined; retryAfter: string | undefined }>;

/** The connection was not established, so nothing of the message has been sent. */
class NotConnected extends Error {}

/** Sends to the first address that accepts a connection. */
async function postToFirst(
  addresses: readonly string[],
  ...request: [url: URL, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal]
): Promise<Answer> {
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await post(address, ...request);
    } catch (error) {
      if (!(error instanceof NotConnected)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Sends to an address that was checked; the name could resolve to another one a moment later.
 * @throws NotConnected
 */
function post(
  address: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const isSecure = url.protocol === "https:";
  const send = isSecure ? httpsRequest : httpRequest;
  const name = hostnameOf(url);
  const request = send({
    host: address,
    port: url.port || (isSecure ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    method: "POST",
    headers: { ...headers, host: url.host },
    ...(isSecure && isIP(name) === 0 ? { servername: name } : {}),
    agent: false,
    signal,
  });
  let isConnected = false;
  const timer = setTimeout(() => request.destroy(new Error("no connection in time")), CONNECT_TIMEOUT_MS);
  request.on("socket", (socket) => {
    socket.once(isSecure ? "secureConnect" : "connect", () => {
      isConnected = true;
      clearTimeout(timer);
    });
  });
  request.on("error", (cause) => {
    clearTimeout(timer);
    reject(isConnected || signal.aborted ? cause : new NotConnected("no connection", { cause }));
  });
  request.on("response", (response: IncomingMessage) => {
    // The body of the response is not used, and may be of any length.
    response.destroy();
    const { location, "retry-after": retryAfter } = response.headers;
    resolve({ status: response.statusCode ?? 0, location, retryAfter });
  });
  request.end(body);
  return promise;
}

/** The addresses that may be connected to: of a name that has both, only those that are public. */
async function addressesOf(url: URL, anyAddress: boolean, resolve: ResolveName): Promise<readonly string[]> {
  const found = await resolve(hostnameOf(url)).catch((cause: unknown) => {
    throw notDelivered("its name does not resolve", { cause });
  });
  const addresses = found.map(({ address }) => address);
  const allowed = addresses.filter((address) => anyAddress || ipaddr.process(address).range() === "unicast");
  if (allowed.length === 0) throw notDelivered("redirected to an address that is not public");
  return allowed;
}

/** RFC 9110: seconds, or a date. Anything else counts as absent. */
function readRetryAfter(value: string | undefined, now: Date): number {
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

function redirectTarget(location: string, from: URL): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : null;
  if (to === null || !/^https?:$/.test(to.protocol)) throw notDelivered("redirected to no address");
  if (from.protocol === "https:" && to.protocol === "http:") throw notDelivered("redirected to plain http");
  return to;
}

function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function notDelivered(reason: string, options: { cause?: unknown; retryAfterMs?: number } = {}): RunFailure {
  const { cause, retryAfterMs = 0 } = options;
  return new RunFailure("FAILED_EFFECT", {
    isTransient: true,
    retryAfterMs,
    cause: new Error(reason, { cause }),
  });
}
