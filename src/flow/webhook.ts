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

/**
 * Delivers a message once, by the Standard Webhooks specification. Every answer except 2xx is a transient failure, and 410 a final
 * one: the receiver is gone.
 * @throws RunFailure `FAILED_EFFECT`
 */
export function deliverWebhook(target: WebhookTarget, message: WebhookMessage): Promise<{ status: number }> {
  // The lookup of a name takes no abort signal, so the timeout also surrounds the whole delivery.
  return withTimeout(deliver(target, message), target.timeoutMs, () => notDelivered("no answer in time"));
}

async function deliver(
  target: WebhookTarget,
  { messageId, body }: WebhookMessage,
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
    const address = await addressOf(url, redirects === 0 || target.allowPrivate);
    const { status, location } = await post(url, address, headers, body, signal).catch((cause: unknown) => {
      throw notDelivered("no answer", cause);
    });
    if (status >= 200 && status < 300) return { status };
    if (status === 410) throw new RunFailure("FAILED_EFFECT", { cause: new Error("the receiver is gone") });
    if ((status !== 307 && status !== 308) || location === undefined) throw notDelivered(`status ${status}`);
    if (redirects === MAX_REDIRECTS) throw notDelivered("too many redirects");
    url = redirectTarget(location, url);
  }
}

type Answer = Readonly<{ status: number; location: string | undefined }>;

/** Sends to the address that was checked; the name could resolve to another one a moment later. */
function post(
  url: URL,
  address: string,
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
  request.on("error", reject);
  request.on("response", (response: IncomingMessage) => {
    // The body of the response is not used, and may be of any length.
    response.destroy();
    resolve({ status: response.statusCode ?? 0, location: response.headers.location });
  });
  request.end(body);
  return promise;
}

async function addressOf(url: URL, anyAddress: boolean): Promise<string> {
  const name = hostnameOf(url);
  const { address } = await lookup(name).catch((cause: unknown) => {
    throw notDelivered("its name does not resolve", cause);
  });
  if (!anyAddress && ipaddr.process(address).range() !== "unicast") {
    throw notDelivered("redirected to an address that is not public");
  }
  return address;
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

function notDelivered(reason: string, cause?: unknown): RunFailure {
  return new RunFailure("FAILED_EFFECT", { isTransient: true, cause: new Error(reason, { cause }) });
}
