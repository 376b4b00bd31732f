import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { remoteApi } from "./ui-backend.ts";

const TIMEOUT_MS = 100;

/** An API that answers as it is told, at an address of its own. */
async function apiThat(answer: (res: ServerResponse) => void): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_, res) => answer(res));
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

const ask = (url: string) => remoteApi(url, 1_000, TIMEOUT_MS)(new Request("http://ui.internal/runs"));

test("an API that hangs is given up, and said to be unavailable", async () => {
  await using api = await apiThat(() => {});
  const answer = await ask(api.url);
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /api_unavailable/);
});

test("an API that has begun to answer is given all the time that its answer takes", async () => {
  await using api = await apiThat((res) => {
    res.write("begun, ");
    setTimeout(() => res.end("done"), 3 * TIMEOUT_MS);
  });
  assert.equal(await (await ask(api.url)).text(), "begun, done");
});
