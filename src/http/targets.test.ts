import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun } from "../client.ts";
import { assertFailure, objectOf } from "../testing/http.ts";
import { measureSlowness } from "../testing/machine-speed.ts";
import { getRaw, type RawReply, sendRaw } from "../testing/raw-http.ts";
import { slow, useService } from "../testing/service.ts";

/** Ids that are none, in every spelling that some parser would make something of. */
const HOSTILE_IDS = [
  "%2E%2E",
  "..",
  ".",
  "%2e%2e",
  ".%2e",
  "%252E%252E",
  "..%2Fx",
  "..%2f..%2fetc%2fpasswd",
  "..%5C..%5Cx",
  "a..b",
  "a%2Fb",
  "a%5Cb",
  "%00",
  "a%00",
  "a%0Ab",
  "a%0D%0Ax:y",
  "%",
  "%2",
  "%zz",
  "%C0%AE%C0%AE",
  "%E2%80%AE",
  "%EF%BC%8E%EF%BC%8E",
  "-a",
  "_a",
  ".hidden",
  "~root",
  "a%20b",
  "a+b",
  "a;b",
  "a'b",
  "a%22b",
  "%3Cscript%3E",
  "a,b",
  "$(x)",
  "{{x}}",
  "a".repeat(129),
  "'%20or%201=1--",
];

describe("a request's target", () => {
  const service = useService();

  test("a path with an empty segment, which some parsers take for another host, is a 404", slow, async () => {
    for (const path of [
      "//example.org/x",
      "//healthz",
      "/healthz#",
      "/runs#x",
      "/runs//x",
      "/healthz/",
      "/artifacts/x:raw//download",
    ]) {
      const reply = await getRaw(service.url, path);
      assert.ok(reply.status === 404 || reply.status === 400, `${path}: ${reply.status}`);
    }
    assert.equal((await getRaw(service.url, "//example.org/x")).status, 404);
  });

  test("a hostile run id is the same typed 400 however it is spelled", slow, async () => {
    for (const id of HOSTILE_IDS) {
      for (const path of [`/runs/${id}`, `/runs/${id}/export`]) {
        const reply = await getRaw(service.url, path);
        assert.equal(reply.status, 400, `${path}: ${reply.text}`);
        assertFailure(reply, 400, { error: "invalid_run_id", field: "run_id" });
      }
    }
  });

  test("a hostile artifact id is the same typed 400 however it is spelled", slow, async () => {
    for (const id of [
      ...HOSTILE_IDS,
      "a",
      "a:",
      ":raw",
      "a:raw:raw",
      "a:RAW",
      "a:raw%00",
      "..:raw",
      "a%3Araw%2F..",
      "a:memo.",
    ]) {
      for (const path of [`/artifacts/${id}`, `/artifacts/${id}/download`]) {
        const reply = await getRaw(service.url, path);
        assert.equal(reply.status, 400, `${path}: ${reply.text}`);
        assertFailure(reply, 400, { error: "invalid_artifact_id", field: "artifact_id" });
      }
    }
  });

  test("a hostile id is refused under every method and route that takes one", slow, async () => {
    for (const [method, path] of [
      ["POST", "/runs/%2E%2E/cancel"],
      ["POST", "/runs/..%2Fx/resume"],
      ["GET", "/runs/%2E%2E/bundle"],
      ["GET", "/runs/x/diff/%2E%2E"],
      ["GET", "/runs/x/diff/..%2Fy"],
      ["HEAD", "/runs/%2E%2E"],
      ["DELETE", "/runs/%2E%2E"],
      ["OPTIONS", "/runs/.."],
    ] as const) {
      assert.equal((await getRaw(service.url, path, method)).status, 400, `${method} ${path}`);
    }
  });

  test("an id in any harmless spelling is the run it names", slow, async () => {
    const { run_id } = await completeRun(service.url, { source: "x", workflowId: "Run-1.a_b" });
    for (const path of [
      "/runs/Run-1.a_b",
      "/runs/%52un-1%2Ea_b",
      "/runs/Run-1.a_b?x=..%2F",
      "/runs/Run-1.a_b?",
    ]) {
      const reply = await getRaw(service.url, path);
      assert.equal(objectOf(reply).run_id, run_id, path);
    }
    assert.equal((await getRaw(service.url, "/artifacts/Run-1.a_b%3Araw")).status, 200);
    assert.equal((await getRaw(service.url, `/runs/${"a".repeat(128)}`)).status, 404);
  });

  test("the absolute form of a target is its path, and an authority never becomes one", slow, async () => {
    assert.equal((await getRaw(service.url, `${service.url}/healthz`)).status, 200);
    assert.equal((await getRaw(service.url, "http://localhost/healthz?x#y")).status, 200);
    assert.equal((await getRaw(service.url, "HTTP://LOCALHOST/healthz")).status, 200);
    assert.equal((await getRaw(service.url, "http://elsewhere.test/healthz")).status, 421);
    for (const path of [
      "http://localhost/runs/%2E%2E",
      "http://[::1]/runs/..",
      "http://runs/..%2F@x/runs/..",
    ]) {
      assert.ok([400, 404, 421].includes((await getRaw(service.url, path)).status), path);
    }
  });

  test("an unknown path is a typed 404 and is never normalised to a known one", slow, async () => {
    for (const path of [
      "/nowhere",
      "//healthz",
      "/./healthz",
      "/x/../healthz",
      "/x/%2e%2e/healthz",
      "/healthz/",
      "/healthz%2F",
      "/HEALTHZ",
      "/runs//x",
      "/runs/x/export/",
      "/runs/x/../../healthz",
      "/artifacts/x:raw/../download",
      "/runs\\x",
      "/%72uns/..%2f",
      "/../../etc/passwd",
      "/healthz%00",
      "*",
    ]) {
      const reply = await getRaw(service.url, path);
      assert.ok(reply.status === 404 || reply.status === 400, `${path}: ${reply.status} ${reply.text}`);
      assert.match(
        String(objectOf(reply).error),
        /^(not_found|invalid_run_id|invalid_artifact_id|invalid_request)$/,
        path,
      );
    }
  });
});

describe("bytes that are not HTTP", () => {
  const service = useService();

  const malformed: Readonly<Record<string, string | Uint8Array>> = {
    "a line of prose": "hello there\r\n\r\n",
    "binary noise": Uint8Array.from({ length: 400 }, (_, index) => (index * 97) % 256),
    "a TLS hello": Uint8Array.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]),
    "an unknown version": "GET / HTTP/9.9\r\nhost: localhost\r\n\r\n",
    "a header without a colon": "GET /healthz HTTP/1.1\r\nhost: localhost\r\nbroken\r\n\r\n",
    "two lengths":
      "POST /runs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
    "a length and chunks":
      "POST /runs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is no number": "POST /runs HTTP/1.1\r\nhost: localhost\r\ncontent-length: abc\r\n\r\n",
    "a control character in a header": "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: a\x01b\r\n\r\n",
    "a chunk size that is no number":
      "POST /runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
  };

  for (const [what, bytes] of Object.entries(malformed)) {
    test(`${what} gets a typed 400 in JSON, and the next request is served`, slow, async () => {
      const reply: RawReply = await sendRaw(service.url, { parts: [bytes] });
      assert.equal(reply.status, 400, reply.raw);
      assert.match(String(objectOf(reply).error), /^invalid_(request|json)$/);
      assert.match(reply.headers.get("content-type") ?? "", /^application\/json/);
      assert.equal((await getRaw(service.url, "/healthz")).status, 200);
    });
  }

  test("a request that arrives byte by byte is served", slow, async () => {
    const text = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert.equal((await sendRaw(service.url, { parts: [...text] })).status, 200);
  });

  test("a client that half-closes its connection gets its answer", slow, async () => {
    const reply = await sendRaw(service.url, {
      parts: ["GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"],
      halfClose: true,
    });
    assert.equal(reply.status, 200);
  });

  test("clients that disconnect in mid-request do not stop the service", slow, async () => {
    const head =
      "POST /runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    for (const part of ["GE", "GET /healthz HTTP/1.1\r\nho", head, `${head}{"source":"half`]) {
      await sendRaw(service.url, { parts: [part], halfClose: true, timeoutMs: 3_000 }).catch(() => undefined);
    }
    assert.equal((await getRaw(service.url, "/healthz")).status, 200);
    const [row] = await service.database.query<{ count: number }>(
      "select count(*)::int as count from jejakekal.run",
    );
    assert.equal(row?.count, 0, "half a body starts nothing");
  });

  test("slow headers of many clients do not delay other clients", slow, async () => {
    const limitMs = 1_000 * measureSlowness();
    const slowOnes = Array.from({ length: 50 }, () =>
      sendRaw(service.url, { parts: ["GET /healthz HTTP/1.1\r\nx: "], timeoutMs: 1_500 }).catch(
        () => undefined,
      ),
    );
    const began = performance.now();
    assert.equal((await getRaw(service.url, "/healthz")).status, 200);
    assert.ok(performance.now() - began < limitMs);
    await Promise.all(slowOnes);
  });

  test("requests sent one behind the other on one connection are answered in order", slow, async () => {
    const ask = (path: string, last = false) =>
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${last ? "connection: close\r\n" : ""}\r\n`;
    const { raw } = await sendRaw(service.url, {
      parts: [ask("/runs/none-1") + ask("/runs/none-2", true)],
      untilClosed: true,
    });
    const first = raw.indexOf("none-1");
    assert.ok(first > 0 && raw.indexOf("none-2") > first, raw);
  });
});
