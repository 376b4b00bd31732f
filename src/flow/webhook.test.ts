import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readRun, startRun, waitForEnd } from "../client.ts";
import { RunFailure } from "../failure.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { startProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";
import {
  accept,
  answerTwice,
  dieAfterAccepting,
  fail,
  failFor,
  hang,
  startWebhookReceiver,
  WEBHOOK_SECRET,
  type WebhookReceiver,
} from "../testing/webhook-receiver.ts";
import { deliverWebhook, type ResolveName, type WebhookTarget } from "./webhook.ts";

const MESSAGE = { messageId: "run-1:side-effect", body: '{"type":"test"}' };

describe("a webhook", () => {
  test("has a signature that the receiver's library accepts", async () => {
    await using receiver = await startWebhookReceiver();
    assert.deepEqual(await deliverWebhook(targetOf(receiver.url), MESSAGE), { status: 204 });
    assert.deepEqual(receiver.deliveries, [{ messageId: MESSAGE.messageId, body: { type: "test" } }]);
    const stranger = `whsec_${Buffer.from("another secret of 24 bytes").toString("base64")}`;
    await assert.rejects(
      deliverWebhook({ ...targetOf(receiver.url), secret: stranger }, MESSAGE),
      isTransient,
    );
    assert.equal(receiver.refused.length, 1);
  });

  test("that is not accepted, or not answered in time, is a transient failure", slow, async () => {
    await using receiver = await startWebhookReceiver();
    receiver.expect(fail, dieAfterAccepting, hang);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await assert.rejects(
        deliverWebhook({ ...targetOf(receiver.url), timeoutMs: 200 }, MESSAGE),
        isTransient,
      );
    }
    const nobody = targetOf("http://127.0.0.1:9/hook");
    await assert.rejects(deliverWebhook(nobody, MESSAGE), isTransient);
    await assert.rejects(deliverWebhook(targetOf("http://nobody.invalid/"), MESSAGE), isTransient);
  });

  test("to a receiver that answers twice is delivered once, and so is the next", slow, async () => {
    await using receiver = await startWebhookReceiver();
    receiver.expect(answerTwice);
    for (const messageId of ["first", "second"]) {
      assert.deepEqual(await deliverWebhook(targetOf(receiver.url), { ...MESSAGE, messageId }), {
        status: 204,
      });
    }
    assert.deepEqual(
      receiver.deliveries.map(({ messageId }) => messageId),
      ["first", "second"],
    );
  });

  test("to a receiver that answers 410 is a permanent failure", async () => {
    await using gone = await startAnswering((_request, response) => response.writeHead(410).end());
    await assert.rejects(deliverWebhook(targetOf(gone.url), MESSAGE), (error) => !isTransient(error));
  });

  test("follows no redirect to a private address unless that is allowed", async () => {
    await using receiver = await startWebhookReceiver();
    await using door = await startAnswering((_request, response) =>
      response.writeHead(307, { location: receiver.url }).end(),
    );
    await assert.rejects(deliverWebhook(targetOf(door.url), MESSAGE), isTransient);
    assert.equal(receiver.deliveries.length, 0);
    assert.deepEqual(await deliverWebhook({ ...targetOf(door.url), allowPrivate: true }, MESSAGE), {
      status: 204,
    });
    assert.equal(receiver.deliveries.length, 1);
  });

  test("goes to the next address of a name when one takes no connection", async () => {
    await using receiver = await startWebhookReceiver();
    const { port } = new URL(receiver.url);
    const target = targetOf(`http://receiver.test:${port}/hook`);
    const addresses = ["127.0.0.2", "::1", "127.0.0.1", "127.0.0.3"];
    assert.deepEqual(await deliverWebhook(target, MESSAGE, resolveTo(...addresses)), { status: 204 });
    assert.equal(receiver.deliveries.length, 1);
    await assert.rejects(deliverWebhook(target, MESSAGE, resolveTo("127.0.0.2", "::1")), isTransient);
  });

  test("is not sent again to another address once it may have arrived", async () => {
    await using receiver = await startWebhookReceiver();
    receiver.expect(dieAfterAccepting);
    const target = targetOf(`http://receiver.test:${new URL(receiver.url).port}/hook`);
    await assert.rejects(deliverWebhook(target, MESSAGE, resolveTo("127.0.0.1", "127.0.0.1")), isTransient);
    assert.equal(receiver.deliveries.length, 1);
  });

  test("follows a redirect to none of the private addresses of a name", async () => {
    await using receiver = await startWebhookReceiver();
    const { port } = new URL(receiver.url);
    await using door = await startAnswering((_request, response) =>
      response.writeHead(307, { location: `http://inside.test:${port}/hook` }).end(),
    );
    const target = { ...targetOf(door.url), timeoutMs: 1_000 };
    const privateOnes = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"];
    const resolve: ResolveName = (name) =>
      resolveTo(...(name === "inside.test" ? privateOnes : ["127.0.0.1"]))(name);
    await assert.rejects(deliverWebhook(target, MESSAGE, resolve), /FAILED_EFFECT|did not accept/);
    assert.equal(door.requests(), 1);
    assert.equal(receiver.deliveries.length, 0);
  });

  test("takes the time of a retry-after from the receiver, within bounds", async () => {
    await using receiver = await startWebhookReceiver();
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const cases = { "7": 7_000, "0": 0, soon: 0, "-5": 0, "999999": 600_000, [inAMinute]: 60_000 };
    for (const [retryAfter, expectedMs] of Object.entries(cases)) {
      receiver.expect(failFor(retryAfter));
      const error = await deliverWebhook(targetOf(receiver.url), MESSAGE).catch((reason: unknown) => reason);
      assert.ok(error instanceof RunFailure, retryAfter);
      // The date has whole seconds, and some time has passed.
      assert.ok(
        Math.abs(error.retryAfterMs - expectedMs) <= 5_000 * Number(retryAfter === inAMinute),
        retryAfter,
      );
    }
  });

  test("goes to no receiver whose certificate is not trusted", async () => {
    using folder = temporaryFolder();
    await using receiver = await startWebhookReceiver(createCertificate(folder.path));
    await assert.rejects(deliverWebhook(targetOf(receiver.url), MESSAGE), isTransient);
    assert.deepEqual([receiver.deliveries.length, receiver.refused.length], [0, 0]);
  });

  test("follows no redirect in circles, to another scheme, or that would turn it into a GET", async () => {
    const circle = await startAnswering((request, response) =>
      response.writeHead(308, { location: request.url }).end(),
    );
    const away = await startAnswering((_request, response) =>
      response.writeHead(307, { location: "file:///etc/passwd" }).end(),
    );
    const see = await startAnswering((_request, response) =>
      response.writeHead(303, { location: "/other" }).end(),
    );
    await using undo = new AsyncDisposableStack();
    for (const server of [circle, away, see]) {
      undo.use(server);
      await assert.rejects(
        deliverWebhook({ ...targetOf(server.url), allowPrivate: true }, MESSAGE),
        isTransient,
      );
    }
    assert.equal(circle.requests(), 4, "the first and three redirects");
  });
});

describe("a run with a webhook", () => {
  test(
    "retries under one message id when the receiver fails, hangs or breaks the connection",
    slow,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await startWebhookReceiver();
      receiver.expect(fail, hang, dieAfterAccepting, accept);
      await using program = await startProgram({ database, env: webhookEnv(receiver.url) });
      const runId = await startRun(program.url, { source: "# Known" });
      const run = await waitForEnd(program.url, runId);
      assert.equal(run.dbos_status, "SUCCESS");
      const step = run.timeline.find(({ function_name }) => function_name === "side-effect");
      assert.equal(step?.attempt, 4);
      const [first, ...others] = receiver.deliveries;
      assert.equal(first?.messageId, `${runId}:side-effect`);
      assert.deepEqual(
        others.map(({ messageId }) => messageId),
        [first?.messageId, first?.messageId, first?.messageId],
      );
      const artifacts = Object.fromEntries(run.artifacts.map(({ type, sha256 }) => [type, sha256]));
      assert.deepEqual(first?.body, { type: "run.artifacts_stored", data: { run_id: runId, artifacts } });
      const [effect] = await database.query(
        "select (select count(*)::int from jejakekal.effect_intent) as begun, receipt from jejakekal.effect_receipt",
      );
      assert.equal(effect?.begun, 4);
      assert.equal(effect?.receipt.status, 204);
    },
  );

  test(
    "killed between the answer of the receiver and the receipt is uncertain, and delivered again under the same message id",
    slow,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await startWebhookReceiver();
      const runId = await dieInDelivery(database, receiver);
      const open = await database.query(
        "select 1 from jejakekal.effect_intent i where not exists (select from jejakekal.effect_receipt r where r.effect_key = i.effect_key)",
      );
      assert.equal(open.length, 1, "begun, and no proof that it took place");
      receiver.expect(hang);
      await using second = await startProgram({ database, env: webhookEnv(receiver.url, 1_000) });
      await pollUntil("the message came again", () => receiver.deliveries.length === 2);
      const [uncertain] = (await readRun(second.url, runId)).header.effects;
      assert.deepEqual([uncertain?.state, uncertain?.executions], ["uncertain", 2]);
      const run = await waitForEnd(second.url, runId);
      assert.equal(run.dbos_status, "SUCCESS");
      assert.equal(run.header.effects[0]?.state, "done");
      assert.deepEqual(new Set(receiver.deliveries.map(({ messageId }) => messageId)).size, 1);
      assert.equal(receiver.deliveries.length, 3);
    },
  );

  test(
    "that has an intent and no receipt stays uncertain, although the run ends with a receipt of another kind",
    slow,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await startWebhookReceiver();
      const runId = await dieInDelivery(database, receiver);
      await using second = await startProgram({ database });
      const run = await waitForEnd(second.url, runId);
      assert.equal(run.dbos_status, "SUCCESS");
      assert.deepEqual(run.header.effects.map(({ kind, state }) => `${kind} ${state}`).sort(), [
        "receipt done",
        "webhook uncertain",
      ]);
    },
  );

  test(
    "goes over https to a receiver whose certificate is trusted, and waits as long as it asks for",
    slow,
    async () => {
      using folder = temporaryFolder();
      const certificate = createCertificate(folder.path);
      await using database = await cloneDatabase();
      await using receiver = await startWebhookReceiver(certificate);
      const askedAt: number[] = [];
      receiver.expect(
        (response, delivery) => {
          askedAt.push(performance.now());
          failFor("3")(response, delivery);
        },
        (response, delivery) => {
          askedAt.push(performance.now());
          accept(response, delivery);
        },
      );
      const env = { ...webhookEnv(receiver.url, 5_000), NODE_EXTRA_CA_CERTS: certificate.path };
      await using program = await startProgram({ database, env });
      const run = await waitForEnd(program.url, await startRun(program.url, { source: "# Secure" }));
      assert.equal(run.dbos_status, "SUCCESS");
      assert.equal(receiver.deliveries.length, 2);
      const [first = 0, second = 0] = askedAt;
      assert.ok(second - first >= 3_000, `${second - first} ms`);
    },
  );

  test("ends in error when the receiver answers 410", slow, async () => {
    await using database = await cloneDatabase();
    await using gone = await startAnswering((_request, response) => response.writeHead(410).end());
    await using program = await startProgram({ database, env: webhookEnv(gone.url) });
    const run = await waitForEnd(program.url, await startRun(program.url, { source: "# Gone" }));
    assert.equal(run.dbos_status, "ERROR");
    assert.equal(run.header.error?.code, "FAILED_EFFECT");
    assert.equal(gone.requests(), 1);
  });
});

function resolveTo(...addresses: readonly string[]): ResolveName {
  return async () => addresses.map((address) => ({ address }));
}

/** A certificate for `localhost` that signs itself. */
function createCertificate(folder: string): Readonly<{ key: string; cert: string; path: string }> {
  const [keyPath, path] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const form = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", ...form, ...name, "-keyout", keyPath, "-out", path], { stdio: "ignore" });
  return { key: readFileSync(keyPath, "utf8"), cert: readFileSync(path, "utf8"), path };
}

function targetOf(url: string): WebhookTarget {
  return { url: new URL(url), secret: WEBHOOK_SECRET, allowPrivate: false, timeoutMs: 2_000 };
}

function webhookEnv(url: string, timeoutMs = 300): Readonly<Record<string, string>> {
  return {
    JEJAKEKAL_WEBHOOK_URL: url,
    JEJAKEKAL_WEBHOOK_SECRET: WEBHOOK_SECRET,
    JEJAKEKAL_WEBHOOK_TIMEOUT_MS: String(timeoutMs),
  };
}

/** A run whose program is killed when the receiver has its message and has not said so; its id. */
async function dieInDelivery(database: TestDatabase, receiver: WebhookReceiver): Promise<string> {
  receiver.expect(hang);
  await using program = await startProgram({ database, env: webhookEnv(receiver.url, 30_000) });
  const runId = await startRun(program.url, { source: "# Uncertain" });
  await pollUntil("the receiver has the message", () => receiver.deliveries.length === 1);
  await program.kill9();
  return runId;
}

function isTransient(error: unknown): boolean {
  assert.ok(error instanceof RunFailure && error.code === "FAILED_EFFECT", String(error));
  return error.isTransient;
}

async function startAnswering(
  answer: RequestListener,
): Promise<Readonly<{ url: string; requests(): number }> & AsyncDisposable> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
