import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { completeRun, waitForEnd } from "../../client.ts";
import { FAILURES } from "../../failure.ts";
import { objectOf, postJson, type Reply, request } from "../../testing/http.ts";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { checkProperty } from "../../testing/property.ts";
import { getRaw, type RawReply, sendRaw } from "../../testing/raw-http.ts";
import { slow, useService } from "../../testing/service.ts";

const LIMIT_BYTES = 100_000;
const AT_ONCE = 16;

/** What JSON can hold where something else is expected. */
const HOSTILE_VALUES = [
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "-0",
  "1e400",
  "-1",
  "9007199254740993",
  '"\\u0000"',
  '"\\ud800"',
  '"../../etc/passwd"',
  "[[[[[[[[]]]]]]]]",
  '{"toString":1}',
  '{"__proto__":{"sleepMs":1}}',
  '{"then":"x"}',
  '"\'; drop table jejakekal.run; --"',
];

const HOSTILE_KEYS = [
  "source",
  "cmd",
  "intent",
  "args",
  "sleepMs",
  "workflowId",
  "__proto__",
  "constructor",
  "",
  "a\\u0000",
];

const TARGETS = [
  "/healthz",
  "/runs",
  "/runs/x",
  "/runs/x/export",
  "/runs/x/bundle",
  "/runs/x/bundle.zip",
  "/runs/x/diff/y",
  "/runs/x/events",
  "/runs/x/cancel",
  "/runs/x/resume",
  "/runs/x/fork",
  "/commands",
  "/artifacts",
  "/artifacts/x:raw",
  "/artifacts/x:raw/download",
  "/runs?limit=%00",
  "/artifacts?q=%",
  "/",
  "*",
];

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "PROPFIND",
  "get",
];

const MEDIA_TYPES = [
  "application/json",
  "text/plain",
  "text/markdown; charset=utf-16",
  "multipart/form-data; boundary=b",
  "multipart/form-data",
  "application/x-www-form-urlencoded",
  "application/octet-stream",
  ";",
  "text/",
];

describe("a hostile client", () => {
  const service = useService({ env: { JEJAKEKAL_MAX_BODY_BYTES: String(LIMIT_BYTES) } });

  test("with 500 nearly valid bodies gets a typed 4xx or is served", slow, async () => {
    await checkProperty(inBatches(hostileJson), { runs: 32, seed: 1 }, async (bodies) => {
      await eachOf(bodies, async (body) => {
        assertNoFault(await postJson(`${service.url}/runs`, body), body);
      });
    });
  });

  test("with the same bodies for cancel, resume and fork gets a typed 4xx or is served", slow, async () => {
    const { run_id } = await completeRun(service.url, "# A target");
    const requests = fc.record({
      action: fc.constantFrom("cancel", "resume", "fork"),
      key: fc.constantFrom("from_step", "fromStep", "reason", "by"),
      json: hostileJson,
    });
    await checkProperty(inBatches(requests), { runs: 13, seed: 2 }, async (batch) => {
      await eachOf(batch, async ({ action, key, json }) => {
        const body = json.replace("source", key);
        const reply = await postJson(`${service.url}/runs/${run_id}/${action}`, body);
        assertNoFault(reply, `${action} ${body}`);
      });
    });
    assert.equal((await waitForEnd(service.url, run_id)).dbos_status, "SUCCESS");
  });

  test("with 400 random requests, some of them damaged, is answered or disconnected", slow, async () => {
    await checkProperty(inBatches(hostileRequest), { runs: 25, seed: 3 }, async (requests) => {
      await eachOf(requests, async (bytes) => {
        const reply = await sendOrNull(service.url, bytes);
        if (reply === null || reply.raw === "") return;
        const sent = Buffer.from(bytes).toString("latin1").slice(0, 300);
        assertNoFault(sent.startsWith("HEAD") ? { ...reply, text: "" } : reply, sent);
      });
    });
  });

  test("with every method at every address gets no 5xx", slow, async () => {
    const asks = METHODS.flatMap((method) => TARGETS.map((target) => ({ method, target })));
    await eachOf(asks, async ({ method, target }) => {
      const reply = await getRaw(service.url, target, method);
      // A tunnel is neither opened nor discussed.
      if (method === "CONNECT") return assert.equal(reply.raw, "");
      assertNoFault(method === "HEAD" ? { ...reply, text: "" } : reply, `${method} ${target}`);
    });
  });

  test("that sends a key twice: the last value counts", slow, async () => {
    const reply = await postJson(
      `${service.url}/runs`,
      '{"source":"first","source":"# Second","sleepMs":1,"sleepMs":2}',
    );
    assert.equal(reply.status, 202);
    const { run_id, header } = await waitForEnd(service.url, String(objectOf(reply).run_id));
    assert.equal(header.sleep_ms, 2);
    assert.equal((await request(`${service.url}/artifacts/${run_id}:raw/download`)).text, "# Second");
    const mixed = await postJson(`${service.url}/runs`, '{"source":"# Text","source":7}');
    assert.equal(mixed.status, 400);
  });

  test("that uploads slowly is served and delays no other client", slow, async () => {
    const limitMs = 1_000 * measureSlowness();
    const drops = ["# ", "Drop", "\n\n", "by ", "drop"];
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const drop = drops.shift();
        if (drop === undefined) return controller.close();
        await sleep(60);
        controller.enqueue(new TextEncoder().encode(drop));
      },
    });
    const slowly = request(`${service.url}/runs`, {
      method: "POST",
      headers: { "content-type": "text/markdown" },
      body,
      duplex: "half",
    } as RequestInit);
    const began = performance.now();
    assert.equal((await request(`${service.url}/healthz`)).status, 200);
    assert.ok(performance.now() - began < limitMs);
    const run = await waitForEnd(service.url, String(objectOf(await slowly).run_id));
    assert.equal(
      (await request(`${service.url}/artifacts/${run.run_id}:raw/download`)).text,
      "# Drop\n\nby drop",
    );
  });

  test(
    "that breaks off uploads and forms in their middle leaves no run and no connection behind",
    slow,
    async () => {
      const runs = () => service.database.query("select count(*)::int as count from jejakekal.run");
      const before = await runs();
      const heads = ["/runs", "/ui/runs", "/ui/runs/x/fork"].map(
        (path) => `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n`,
      );
      const uploads = Array.from({ length: 51 }, (_, index) => {
        const head = heads[index % heads.length];
        return index % 2 === 0
          ? `${head}content-length: 5000\r\n\r\n${"half ".repeat(index)}`
          : `${head}transfer-encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\nff\r\nand then`;
      });
      await eachOf(uploads, async (upload) => {
        const reply = await sendRaw(service.url, {
          parts: [upload],
          halfClose: true,
          timeoutMs: 5_000,
        }).catch(() => null);
        if (reply !== null && reply.raw !== "")
          assert.ok(reply.status >= 400 && reply.status < 500, reply.raw);
      });
      assert.deepEqual(await runs(), before);
    },
  );

  test(
    "has done no harm in all that: the program serves, and has nothing to reproach itself with",
    slow,
    async () => {
      assert.equal((await completeRun(service.url, "# Still here")).status, "done");
      const faults = service.program.logs().filter(({ msg }) => msg === "request failed");
      assert.deepEqual(faults, []);
    },
  );
});

/** Not a fault: no 5xx, and where it is a refusal, one of the table's own, in JSON and without anything of the inside. */
function assertNoFault(reply: Pick<Reply, "status" | "text">, what: string): void {
  assert.ok(
    reply.status >= 200 && reply.status < 500,
    `${what}\n${reply.status} ${reply.text.slice(0, 300)}`,
  );
  if (reply.status < 400 || reply.text === "") return;
  const { error } = objectOf(reply);
  assert.ok(Object.hasOwn(FAILURES, String(error)), `${what}\n${reply.text}`);
  assert.doesNotMatch(reply.text, / {4}at |node_modules|select .* from |\/work\//, what);
}

/** A request to start a run as JSON text, half of the time damaged by one character. */
const hostileJson: fc.Arbitrary<string> = fc
  .record({
    pairs: fc.array(
      fc.tuple(
        fc.constantFrom(...HOSTILE_KEYS),
        fc.oneof(fc.constant('"# Text"'), fc.constantFrom(...HOSTILE_VALUES)),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    damage: fc.constantFrom("none", "none", "none", "truncate", "delete", "insert"),
    place: fc.nat(500),
    character: fc.nat(255),
  })
  .map(({ pairs, damage, place, character }) => {
    const text = `{${pairs.map(([key, value]) => `"${key}":${value}`).join(",")}}`;
    const at = place % text.length;
    if (damage === "truncate") return text.slice(0, at);
    if (damage === "delete") return text.slice(0, at) + text.slice(at + 1);
    if (damage === "insert") return text.slice(0, at) + String.fromCharCode(character) + text.slice(at);
    return text;
  });

/** A whole HTTP request as bytes, some with a wrong length, some with one byte changed. */
const hostileRequest: fc.Arbitrary<Uint8Array> = fc
  .record({
    body: fc.oneof(
      hostileJson.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 400 }),
    ),
    method: fc.constantFrom(...METHODS),
    target: fc.constantFrom(...TARGETS),
    mediaType: fc.constantFrom(...MEDIA_TYPES),
    accept: fc.constantFrom("*/*", "application/json", ";q=", "text/plain;q=0"),
    wrongLength: fc.option(fc.nat(999), { freq: 4 }),
    changedByte: fc.option(fc.record({ place: fc.nat(2_000), value: fc.nat(255) }), { freq: 2 }),
  })
  .map(({ body, method, target, mediaType, accept, wrongLength, changedByte }) => {
    const head = [
      `${method} ${target} HTTP/1.1`,
      "host: localhost",
      `content-type: ${mediaType}`,
      `content-length: ${wrongLength ?? body.length}`,
      `accept: ${accept}`,
      "connection: close",
    ];
    const bytes = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
    if (changedByte !== null) bytes[changedByte.place % bytes.length] = changedByte.value;
    return bytes;
  });

/** As many at once as are sent in parallel. */
function inBatches<Item>(items: fc.Arbitrary<Item>): fc.Arbitrary<Item[]> {
  return fc.array(items, { minLength: AT_ONCE, maxLength: AT_ONCE });
}

/** The reply, or null when the server closed the connection before it had read everything. */
function sendOrNull(url: string, bytes: Uint8Array): Promise<RawReply | null> {
  const request = { parts: [bytes], halfClose: true, timeoutMs: 20_000 };
  return sendRaw(url, request).catch((error: NodeJS.ErrnoException) => {
    assert.match(error.code ?? error.message, /ECONNRESET|EPIPE/);
    return null;
  });
}

/** All of them, a few at a time. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
