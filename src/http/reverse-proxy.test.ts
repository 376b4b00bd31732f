import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createLog } from "../log.ts";
import { createReverseProxy } from "./reverse-proxy.ts";

/** Longer than a head takes on a loaded machine. */
const TIMEOUT_MS = 1_000;

/** An API that answers as it is told, at an address of its own. */
async function apiThat(
  answer: (res: ServerResponse, req: IncomingMessage) => void,
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((req, res) => answer(res, req));
  await new Promise<void>((opened) => server.listen(0, "127.0.0.1", opened));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const log = createLog({ level: "silent" });
const ask = (baseUrl: string, path = "/runs", init: RequestInit = {}) =>
  createReverseProxy({ baseUrl, maxBodyBytes: 1_000, log, headTimeoutMs: TIMEOUT_MS })(
    new Request(`http://ui.internal${path}`, init),
  );

test("an API that does not answer in time is reported as unavailable", async () => {
  await using api = await apiThat(() => {});
  const answer = await ask(api.url);
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /api_unavailable/);
});

test("an API that has begun to answer has no time limit", async () => {
  await using api = await apiThat((res) => {
    res.write("begun, ");
    setTimeout(() => res.end("done"), 1.5 * TIMEOUT_MS);
  });
  assert.equal(await (await ask(api.url)).text(), "begun, done");
});

test("a path that looks like another host is sent to the API", async () => {
  await using api = await apiThat((res, req) => res.end(req.url));
  const asked = await (await ask(api.url, "//elsewhere.example/secret?x=1")).text();
  assert.match(asked, /^\/{1,2}elsewhere\.example\/secret\?x=1$/);
});

test("what a client claims to have been forwarded for is not forwarded", async () => {
  await using api = await apiThat((res, req) => res.end(JSON.stringify(req.headers)));
  const headers = { "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https", "x-forwarded-host": "evil" };
  const passedOn = Object.keys(await (await ask(api.url, "/runs", { headers })).json());
  assert.deepEqual(
    passedOn.filter((name) => name.startsWith("x-forwarded")),
    [],
  );
});

test("hop-by-hop headers of a client are not forwarded", async () => {
  await using api = await apiThat((res, req) => res.end(JSON.stringify(req.headers)));
  const answer = await ask(api.url, "/runs", {
    method: "POST",
    headers: { expect: "100-continue", connection: "keep-alive, x-own", "x-own": "1", "x-other": "2" },
    body: "text",
  });
  const passedOn = await answer.json();
  assert.deepEqual([passedOn.expect, passedOn["x-own"], passedOn["x-other"]], [undefined, undefined, "2"]);
});
