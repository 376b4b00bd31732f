import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of at least 24 bytes").toString("base64")}`;

/** A delivery whose signature was found good. */
export type Delivery = Readonly<{ messageId: string; body: unknown }>;

/** What becomes of a delivery once it was taken down; by default it is accepted. */
export type Reaction = (response: ServerResponse, delivery: Delivery) => void;

export const accept: Reaction = (response) => void response.writeHead(204).end();
export const fail: Reaction = (response) => void response.writeHead(500).end("down");
export const hang: Reaction = () => undefined;
/** Too busy, and says when to come again. */
export const failFor =
  (retryAfter: string): Reaction =>
  (response) =>
    void response.writeHead(503, { "retry-after": retryAfter }).end();
/** It says yes twice, which no client asked for. */
export const answerTwice: Reaction = (response) => {
  response.writeHead(204).end();
  response.socket?.write("HTTP/1.1 204 No Content\r\n\r\n");
};
/** It has taken the message, and dies before it can say so. */
export const dieAfterAccepting: Reaction = (response) => void response.destroy();

/** The settings of a program that delivers to this receiver. */
export function webhookTo({ url }: Pick<WebhookReceiver, "url">): Readonly<Record<string, string>> {
  return {
    JEJAKEKAL_WEBHOOK_URL: url,
    JEJAKEKAL_WEBHOOK_SECRET: WEBHOOK_SECRET,
    JEJAKEKAL_WEBHOOK_ALLOW_PRIVATE: "1",
  };
}

/** A receiver of webhooks as a customer would run one: it checks signatures and reacts by a list, then accepts. */
export type WebhookReceiver = Readonly<{
  url: string;
  deliveries: readonly Delivery[];
  /** Requests whose signature was not good. */
  refused: readonly string[];
  /** The next deliveries are met by these, in this order. */
  expect(...reactions: readonly Reaction[]): void;
}> &
  AsyncDisposable;

/** @param tls key and certificate, in PEM, for https at the name `localhost` */
export async function startWebhookReceiver(
  tls?: Readonly<{ key: string; cert: string }>,
): Promise<WebhookReceiver> {
  const webhook = new Webhook(WEBHOOK_SECRET);
  const deliveries: Delivery[] = [];
  const refused: string[] = [];
  const reactions: Reaction[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => void receive(request, response);
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    try {
      const delivery = { messageId: headers["webhook-id"] ?? "", body: webhook.verify(body, headers) };
      deliveries.push(delivery);
      (reactions.shift() ?? accept)(response, delivery);
    } catch (error) {
      refused.push(String(error));
      response.writeHead(401).end();
    }
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  return {
    url:
      tls === undefined ? `http://127.0.0.1:${address.port}/hook` : `https://localhost:${address.port}/hook`,
    deliveries,
    refused,
    expect: (...next) => void reactions.push(...next),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
