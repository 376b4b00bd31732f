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

/** What the response to a failure must not contain: SQL, paths, stack traces, internal names. */
const INSIDES =
  /select |insert |jejakekal\.|dbos\.|pg_|\.ts\b|\.js\b|node_modules|\/work|\/tmp|\/home| {4}at |[A-Z]\w+Error|stack/;

/** Asserts that a response is this failure: its status, its headers, exactly this JSON body, and no internal details. */
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
