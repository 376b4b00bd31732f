import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { completeRun, waitForEnd } from "../../client.ts";
import { FAILURES } from "../../failure.ts";
import { objectOf, postJson, type Reply, request } from "../../testing/http.ts";
import { getRaw, sendRaw } from "../../testing/raw-http.ts";
import { createSeededRandom, type SeededRandom } from "../../testing/seeded-random.ts";
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

  test("with 500 bodies that are nearly right is answered with a typed 4xx, or served", slow, async () => {
    const random = createSeededRandom(1);
    const bodies = Array.from({ length: 500 }, () => hostileJson(random));
    await eachOf(bodies, async (body) => {
      assertNoFault(await postJson(`${service.url}/runs`, body), body);
    });
  });

  test("with the same bodies for cancel, resume and fork is answered alike", slow, async () => {
    const random = createSeededRandom(2);
    const { run_id } = await completeRun(service.url, "# A target");
    const asks = Array.from({ length: 200 }, () => ({
      path: `/runs/${run_id}/${random.pick(["cancel", "resume", "fork"])}`,
      body: hostileJson(random).replace("source", random.pick(["from_step", "fromStep", "reason", "by"])),
    }));
    await eachOf(asks, async ({ path, body }) => {
      assertNoFault(await postJson(`${service.url}${path}`, body), `${path} ${body}`);
    });
    assert.equal((await waitForEnd(service.url, run_id)).dbos_status, "SUCCESS");
  });

  test(
    "with 400 requests put together at random, some of them damaged, is answered or shut out",
    slow,
    async () => {
      const random = createSeededRandom(3);
      const requests = Array.from({ length: 400 }, () => hostileRequest(random));
      await eachOf(requests, async (bytes) => {
        const reply = await sendRaw(service.url, {
          parts: [bytes],
          halfClose: true,
          timeoutMs: 20_000,
        }).catch((error: NodeJS.ErrnoException) => {
          // Shut out before it had said all that it had to say.
          assert.match(error.code ?? error.message, /ECONNRESET|EPIPE/);
          return null;
        });
        if (reply === null || reply.raw === "") return;
        const isHead = Buffer.from(bytes).subarray(0, 4).toString("latin1") === "HEAD";
        assertNoFault(
          isHead ? { ...reply, text: "" } : reply,
          Buffer.from(bytes).toString("latin1").slice(0, 300),
        );
      });
    },
  );

  test("with every method at every address gets no fault", slow, async () => {
    const asks = METHODS.flatMap((method) => TARGETS.map((target) => ({ method, target })));
    await eachOf(asks, async ({ method, target }) => {
      const reply = await getRaw(service.url, target, method);
      // A tunnel is neither opened nor discussed.
      if (method === "CONNECT") return assert.equal(reply.raw, "");
      assertNoFault(method === "HEAD" ? { ...reply, text: "" } : reply, `${method} ${target}`);
    });
  });

  test("that names a key twice is heard the second time", slow, async () => {
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

  test("that uploads drop by drop is served, and keeps nobody waiting", slow, async () => {
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
    assert.ok(performance.now() - began < 1_000);
    const run = await waitForEnd(service.url, String(objectOf(await slowly).run_id));
    assert.equal(
      (await request(`${service.url}/artifacts/${run.run_id}:raw/download`)).text,
      "# Drop\n\nby drop",
    );
  });

  test(
    "that breaks off 50 uploads in their middle leaves no run and no connection behind",
    slow,
    async () => {
      const runs = () => service.database.query("select count(*)::int as count from jejakekal.run");
      const before = await runs();
      const head = "POST /runs HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n";
      const uploads = Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? `${head}content-length: 5000\r\n\r\n${"half ".repeat(index)}`
          : `${head}transfer-encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\nff\r\nand then`,
      );
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

/** A start, or what a careless or malicious hand made of one. */
function hostileJson(random: SeededRandom): string {
  const pairs = Array.from({ length: 1 + random.below(3) }, () => {
    const key = random.pick(HOSTILE_KEYS);
    const value = random.below(3) === 0 ? '"# Text"' : random.pick(HOSTILE_VALUES);
    return `"${key}":${value}`;
  });
  const text = `{${pairs.join(",")}}`;
  const at = random.below(text.length);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at);
    default:
      return text;
  }
}

function hostileRequest(random: SeededRandom): Uint8Array {
  const body =
    random.below(2) === 0 ? Buffer.from(hostileJson(random)) : Buffer.from(random.bytes(random.below(400)));
  const length = random.below(5) === 0 ? random.below(1_000) : body.length;
  const head = [
    `${random.pick(METHODS)} ${random.pick(TARGETS)} HTTP/1.1`,
    "host: x",
    `content-type: ${random.pick(MEDIA_TYPES)}`,
    `content-length: ${length}`,
    `accept: ${random.pick(["*/*", "application/json", ";q=", "text/plain;q=0"])}`,
    "connection: close",
  ];
  const bytes = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
  if (random.below(3) === 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
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
