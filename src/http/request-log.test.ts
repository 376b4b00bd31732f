import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../log.ts";
import { createHttpApp } from "./app.ts";
import { runIdOf } from "./request-log.ts";

test("each request leaves one line, with the id that its answer has and without its secrets", async () => {
  const lines: string[] = [];
  const app = createHttpApp({
    listener: "api",
    api: { kind: "local", getServices: () => null },
    reach: { publicUrl: undefined, isTokenRequired: false },
    maxBodyBytes: 1_000,
    log: createLog({ level: "info", stream: { write: (line) => void lines.push(line) } }),
  });
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    lines.length = 0;
    const request = new Request(`http://jejakekal.internal${path}`, { headers });
    const reply = await app(request, { address: "127.0.0.1", isSecure: false });
    assert.equal(lines.length, 1);
    return { id: reply.headers.get("x-request-id"), line: JSON.parse(lines[0] ?? "") };
  };
  const given = await ask("/runs/r1/events?q=words", {
    "x-request-id": "from-proxy:1",
    authorization: "Bearer s3cret",
  });
  assert.equal(given.id, "from-proxy:1");
  const { method, route, status, runId, token, requestId, msg } = given.line;
  assert.deepEqual(
    { method, route, status, runId, token, requestId, msg },
    {
      method: "GET",
      route: "/runs/:id/events",
      status: 503,
      runId: "r1",
      token: null,
      requestId: "from-proxy:1",
      msg: "request answered",
    },
  );
  assert.doesNotMatch(lines.join(), /s3cret|words/);
  assert.deepEqual((await ask("/nowhere")).line.route, null);
  const bad = await ask("/runs", { "x-request-id": "a b" });
  assert.match(bad.id ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(bad.line.requestId, bad.id);
});

test("the run of a request is that of its path, or the one that it started", () => {
  assert.equal(runIdOf("/ui/runs/r1/poll", null), "r1");
  assert.equal(runIdOf("/artifacts/r1:raw/download", null), "r1");
  assert.equal(runIdOf("/runs", "/runs/r2"), "r2");
  assert.equal(runIdOf("/commands", null), null);
});
