import assert from "node:assert/strict";
import type { Reply } from "../client.ts";

export { postJson, type Reply, request } from "../client.ts";

/** The value of a JSON reply. */
export function jsonOf(reply: Pick<Reply, "text">): unknown {
  return JSON.parse(reply.text);
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(reply: Pick<Reply, "text">): JsonObject {
  const value = jsonOf(reply);
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), `no object: ${reply.text}`);
  return value as JsonObject;
}

/** What no reply to a failure may hold: SQL, paths, stack traces, names of the inside. */
const INSIDES =
  /select |insert |jejakekal\.|dbos\.|pg_|\.ts\b|\.js\b|node_modules|\/work|\/tmp|\/home| {4}at |[A-Z]\w+Error|stack/;

/** That a reply is this failure: status, JSON with its headers, exactly this body, and nothing of the inside. */
export function assertFailure(
  reply: Pick<Reply, "status" | "headers" | "text">,
  status: number,
  body: JsonObject,
  secret?: string,
): void {
  assert.equal(reply.status, status, reply.text);
  assert.deepEqual(jsonOf(reply), body);
  assert.match(reply.headers.get("content-type") ?? "", /^application\/json; charset=utf-8$/);
  assert.match(reply.headers.get("vary") ?? "", /\baccept\b/i);
  assert.equal(reply.headers.get("cache-control"), "no-store");
  assert.equal(reply.headers.get("x-content-type-options"), "nosniff");
  assert.doesNotMatch(reply.text, INSIDES);
  if (secret !== undefined) assert.ok(!reply.text.includes(secret), "the document's text is in the reply");
}
