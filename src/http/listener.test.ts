import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { createLog } from "../log.ts";
import { objectOf } from "../testing/http.ts";
import { sendRaw } from "../testing/raw-http.ts";
import { createForwardedReader } from "./forwarded.ts";
import { createHostCheck } from "./host.ts";
import { type FetchHandler, type Listener, openListener } from "./listener.ts";
import { failureReply } from "./reply.ts";

const CHUNK = "0123456789".repeat(1_000);
const CHUNKS = 200;

/** `/long` sends 2 MB, a chunk whenever the client has room; all else says what was asked. */
const handler: FetchHandler = async (request) => {
  const { pathname, host } = new URL(request.url);
  if (pathname !== "/long") {
    const { method, headers } = request;
    const range = headers.get("range") ?? "none";
    return Response.json({ method, pathname, host, range }, { headers: { "x-range": range } });
  }
  let sent = 0;
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(new TextEncoder().encode(CHUNK));
      sent += 1;
      if (sent === CHUNKS) controller.close();
    },
  });
  return new Response(body, { headers: { "content-length": String(CHUNKS * CHUNK.length) } });
};

function open(isLoopback: boolean, allowedHosts: readonly string[] = []): Promise<Listener> {
  return openListener({
    host: "127.0.0.1",
    port: 0,
    portVariable: "API_PORT",
    isHostAllowed: createHostCheck({ host: "127.0.0.1", isLoopback }, allowedHosts),
    handler,
    readForwarded: createForwardedReader([]),
    refuse: (failure) => failureReply(failure),
    log: createLog({ level: "silent" }),
  });
}

describe("a listener", () => {
  let listener: Listener;
  before(async () => {
    listener = await open(true, ["Proxied.example"]);
  });
  after(() => listener.close(0));

  const ask = (head: string, url = listener.url) =>
    sendRaw(url, { parts: [`${head}\r\nconnection: close\r\n\r\n`] });
  const askHost = (host: string, url?: string) => ask(`GET /x HTTP/1.1\r\nhost: ${host}`, url);

  test("on a loopback address accepts loopback names and the configured ones, with any port", async () => {
    for (const host of [
      "localhost",
      "LocalHost:4010",
      "localhost.",
      "app.localhost:80",
      "127.0.0.1",
      "127.0.0.1:9",
      "127.8.9.1",
      "[::1]",
      "[::1]:4010",
      "[0:0:0:0:0:0:0:1]",
      "proxied.example:443",
    ]) {
      assert.equal((await askHost(host)).status, 200, host);
    }
  });

  test("on a loopback address refuses every other host with 421 in JSON", async () => {
    for (const host of [
      "rebound.example",
      "rebound.example:4010",
      "localhost.example",
      "notlocalhost",
      "127.0.0.1.example",
      "127.0.0.1.nip.io:4010",
      "128.0.0.1",
      "0.0.0.0",
      "10.0.0.1",
      "[::2]",
      "localhost/x",
      "localhost@evil.example",
      "evil.example#localhost",
      "localhost:80:80",
      "localhost:port",
      "",
    ]) {
      const reply = await askHost(host);
      assert.deepEqual([reply.status, objectOf(reply).error], [421, "misdirected_request"], host);
    }
  });

  test("takes the host of an absolute target before that of the header", async () => {
    const absolute = (target: string, host: string) => ask(`GET ${target} HTTP/1.1\r\nhost: ${host}`);
    assert.equal((await absolute("http://localhost/x", "rebound.example")).status, 200);
    assert.equal((await absolute("http://rebound.example/x", "localhost")).status, 421);
  });

  test("on another address also accepts every address, and no name that is not configured", async () => {
    const everywhere = await open(false, ["proxied.example"]);
    try {
      for (const host of ["10.0.0.1", "10.0.0.1:4010", "[fe80::1]:80", "localhost", "proxied.example"]) {
        const reply = await askHost(host, everywhere.url);
        assert.deepEqual([reply.status, objectOf(reply).pathname], [200, "/x"], host);
      }
      for (const host of ["x", "rebound.example", "a/runs/evil?", "10.0.0.1/runs", "x?y", "user@x", "%2e"]) {
        assert.equal((await askHost(host, everywhere.url)).status, 421, host);
      }
    } finally {
      await everywhere.close(0);
    }
  });

  test("refuses a request without a host, or with two, with 400 in JSON", async () => {
    for (const head of ["GET /x HTTP/1.1", "GET /x HTTP/1.1\r\nhost: localhost\r\nHost: localhost"]) {
      const reply = await ask(head);
      assert.deepEqual([reply.status, objectOf(reply).error], [400, "invalid_request"], head);
    }
    assert.equal((await ask("GET /x HTTP/1.0")).status, 200, "HTTP/1.0 has no Host header");
  });

  test("refuses an unknown expectation with 417 in JSON and supports 100-continue", async () => {
    const post = (expect: string) =>
      sendRaw(listener.url, {
        parts: [`POST /x HTTP/1.1\r\nhost: localhost\r\nexpect: ${expect}\r\ncontent-length: 2\r\n\r\n`],
        untilClosed: true,
      });
    for (const expect of ["tea", "100-continue, tea"]) {
      const reply = await post(expect);
      assert.deepEqual([reply.status, objectOf(reply).error], [417, "expectation_failed"], expect);
    }
    const waiting = sendRaw(listener.url, {
      parts: [
        "POST /x HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: 2\r\n\r\n",
        "ab",
      ],
      untilClosed: true,
    });
    assert.match((await waiting).raw, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  test("ignores a range with HEAD", async () => {
    const rangeOf = async (method: string) => {
      const reply = await ask(`${method} /x HTTP/1.1\r\nhost: localhost\r\nrange: bytes=0-1`);
      return reply.headers.get("x-range");
    };
    assert.deepEqual([await rangeOf("GET"), await rangeOf("HEAD")], ["bytes=0-1", "none"]);
  });

  test("closes the connection when malformed bytes follow a request that is being answered", async () => {
    const malformedBody =
      "POST /x HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n";
    for (const malformed of ["no HTTP at all\r\n\r\n", malformedBody]) {
      const received = await receive(async (send, hasBegun) => {
        send("GET /long HTTP/1.1\r\nhost: localhost\r\n\r\n");
        await hasBegun;
        send(malformed);
      });
      const [head = "", body = ""] = received.split("\r\n\r\n", 2);
      assert.match(head, /^HTTP\/1\.1 200 /);
      assert.equal(received.indexOf("HTTP/1.1 400"), -1, "a second answer is in the body of the first");
      assert.match(body, /^[0-9]+$/);
      assert.ok(body.length < CHUNKS * CHUNK.length, "the body was cut off");
    }
  });

  test("answers a request that follows one that is being answered after it", async () => {
    const received = await receive(async (send, hasBegun) => {
      send("GET /long HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await hasBegun;
      send("GET /next HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    });
    const body = received.slice(received.indexOf("\r\n\r\n") + 4);
    const next = body.slice(CHUNKS * CHUNK.length);
    assert.equal(body.slice(0, CHUNKS * CHUNK.length), CHUNK.repeat(CHUNKS));
    assert.match(next, /^HTTP\/1\.1 200 [\s\S]*"\/next"/);
  });

  test("answers malformed bytes on a connection that is free", async () => {
    const received = await receive(async (send, hasBegun) => {
      send("GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await hasBegun;
      send("no HTTP at all\r\n\r\n");
    });
    assert.match(received, /^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 400 [\s\S]*"invalid_request"/);
  });

  /** All that comes over one connection until the listener closes it; `hasBegun` resolves with the first bytes. */
  async function receive(
    talk: (send: (text: string) => void, hasBegun: Promise<unknown>) => Promise<void>,
  ): Promise<string> {
    const { port } = new URL(listener.url);
    const socket = connect({ host: "127.0.0.1", port: Number(port) });
    const chunks: Buffer[] = [];
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      begun.resolve();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => ended.resolve());
    await talk((text) => socket.write(text), begun.promise);
    await ended.promise;
    return Buffer.concat(chunks).toString("latin1");
  }
});
