import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { completeRun, readRun, startRun, waitForEnd } from "../../client.ts";
import { FAILURES, Failure, type FailureCode } from "../../failure.ts";
import { createLog } from "../../log.ts";
import { bypassTriggers } from "../../testing/bypass-triggers.ts";
import {
  assertFailure,
  type JsonObject,
  objectOf,
  postJson,
  type Reply,
  request,
} from "../../testing/http.ts";
import { getRaw, sendRaw } from "../../testing/raw-http.ts";
import { type Service, slow, useService } from "../../testing/service.ts";
import { startAsleep, wake } from "../../testing/sleeping-run.ts";
import { failureReply } from "../reply.ts";
import { createReverseProxy } from "../reverse-proxy.ts";

/** A way to provoke a failure and what must come of it; the text is in no reply. */
type Scenario = Readonly<{
  status: number;
  /** Beside `error`, and beside `message` where `says` is true. */
  detail: JsonObject;
  says: boolean;
  provoke: (service: Service) => Promise<Reply | Response>;
}>;

const SECRET = "the text of the document";
const LIMIT_BYTES = 100_000;
const post = ({ url }: Service, body: unknown) => postJson(`${url}/runs`, body);
const get = ({ url }: Service, path: string) => request(`${url}${path}`);

async function makeToken({ url }: Service, name: string): Promise<string> {
  const reply = await postJson(`${url}/tokens`, { name, scope: "read" });
  return String(objectOf(reply).token);
}

/** Every code of the table: a new one without a scenario does not compile. */
const SCENARIOS: Readonly<Record<FailureCode, Scenario>> = {
  invalid_json: {
    status: 400,
    detail: {},
    says: false,
    provoke: (service) => post(service, `{"source":"${SECRET}"`),
  },
  invalid_run_id: {
    status: 400,
    detail: { field: "run_id" },
    says: false,
    provoke: ({ url }) => getRaw(url, "/runs/%2E%2E"),
  },
  invalid_artifact_id: {
    status: 400,
    detail: { field: "artifact_id" },
    says: false,
    provoke: ({ url }) => getRaw(url, "/artifacts/%2E%2E"),
  },
  invalid_run_payload: {
    status: 400,
    detail: { field: "sleepMs", reason: "is at least 1" },
    says: true,
    provoke: (service) => post(service, { source: SECRET, sleepMs: 0 }),
  },
  invalid_query: {
    status: 400,
    detail: { field: "limit", reason: "takes a number from 1 to 500" },
    says: true,
    provoke: (service) => get(service, "/runs?limit=0"),
  },
  invalid_command: {
    status: 400,
    detail: { reason: "is not known; /doc TEXT is" },
    says: true,
    provoke: (service) => post(service, { cmd: `/dance ${SECRET}` }),
  },
  workflow_id_payload_mismatch: {
    status: 409,
    detail: { workflow_id: "taken" },
    says: false,
    async provoke(service) {
      await startRun(service.url, { source: "one", workflowId: "taken" });
      return post(service, { source: SECRET, workflowId: "taken" });
    },
  },
  run_not_found: {
    status: 404,
    detail: { run_id: "nobody" },
    says: false,
    provoke: (service) => get(service, "/runs/nobody"),
  },
  artifact_not_found: {
    status: 404,
    detail: { artifact_id: "nobody:memo" },
    says: false,
    provoke: (service) => get(service, "/artifacts/nobody:memo"),
  },
  artifact_erased: {
    status: 410,
    detail: { artifact_id: "erase-me:raw" },
    says: true,
    async provoke({ url }) {
      await completeRun(url, { source: SECRET, workflowId: "erase-me" });
      const reply = await postJson(`${url}/runs/erase-me/erase`, { reason: "a test" });
      assert.equal(reply.status, 200, reply.text);
      return request(`${url}/artifacts/erase-me:raw`);
    },
  },
  run_not_erasable: {
    status: 409,
    detail: { run_id: "too-early", dbos_status: "PENDING" },
    says: true,
    async provoke({ url }) {
      await startRun(url, { source: SECRET, workflowId: "too-early", sleepMs: 60_000 });
      return postJson(`${url}/runs/too-early/erase`, { reason: "a test" });
    },
  },
  too_many_runs: {
    status: 429,
    detail: { limit: 1_000, retry_after_s: 5 },
    says: true,
    // src/flow/limits.test.ts provokes it on a program with a limit.
    provoke: async () => failureReply(new Failure("too_many_runs", { limit: 1_000, retry_after_s: 5 })),
  },
  review_item_not_found: {
    status: 404,
    detail: { review_id: "nobody:q_0123456789abcdef" },
    says: true,
    provoke: (service) =>
      postJson(`${service.url}/review/nobody:q_0123456789abcdef`, { decision: "accepted" }),
  },
  invalid_batch_id: {
    status: 400,
    detail: { field: "batch_id" },
    says: true,
    provoke: ({ url }) => getRaw(url, "/batches/%2E%2E"),
  },
  batch_not_found: {
    status: 404,
    detail: { batch_id: "nobody" },
    says: true,
    provoke: (service) => get(service, "/batches/nobody"),
  },
  run_not_resumable: {
    status: 409,
    detail: { run_id: "resume-me", dbos_status: "SUCCESS" },
    says: true,
    async provoke({ url }) {
      await completeRun(url, { source: SECRET, workflowId: "resume-me" });
      return request(`${url}/runs/resume-me/resume`, { method: "POST" });
    },
  },
  run_not_cancellable: {
    status: 409,
    detail: { run_id: "cancel-me", dbos_status: "SUCCESS" },
    says: true,
    async provoke({ url }) {
      await completeRun(url, { source: SECRET, workflowId: "cancel-me" });
      return request(`${url}/runs/cancel-me/cancel`, { method: "POST" });
    },
  },
  run_not_forkable: {
    status: 409,
    detail: {
      run_id: "fork-me",
      dbos_status: "PENDING",
      from_step: 4,
      reason: "has not completed every step before from_step",
    },
    says: true,
    async provoke({ url }) {
      await startRun(url, { source: SECRET, workflowId: "fork-me", sleepMs: 60_000 });
      const reply = await request(`${url}/runs/fork-me/fork`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"from_step":"memo"}',
      });
      await request(`${url}/runs/fork-me/cancel`, { method: "POST" });
      return reply;
    },
  },
  unsupported_media_type: {
    status: 415,
    detail: { media_type: "application/x-unheard-of" },
    says: true,
    provoke: ({ url }) =>
      request(`${url}/runs`, {
        method: "POST",
        headers: { "content-type": "application/x-unheard-of" },
        body: SECRET,
      }),
  },
  payload_too_large: {
    status: 413,
    detail: { limit_bytes: LIMIT_BYTES },
    says: true,
    provoke: (service) => post(service, { source: SECRET.repeat(LIMIT_BYTES / 20) }),
  },
  unauthenticated: {
    status: 401,
    detail: {},
    says: true,
    provoke: ({ url }) => request(`${url}/runs`, { headers: { authorization: "Bearer none" } }),
  },
  forbidden: {
    status: 403,
    detail: { scope: "run" },
    says: true,
    async provoke(service) {
      const token = await makeToken(service, "reader");
      return request(`${service.url}/runs`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ source: SECRET }),
      });
    },
  },
  // `access.test.ts` guesses at a token until it gets this.
  too_many_requests: {
    status: 429,
    detail: { retry_after_s: 6 },
    says: true,
    provoke: async () => failureReply(new Failure("too_many_requests", { retry_after_s: 6 })),
  },
  token_exists: {
    status: 409,
    detail: { name: "twice" },
    says: true,
    async provoke(service) {
      await makeToken(service, "twice");
      return postJson(`${service.url}/tokens`, { name: "twice", scope: "admin" });
    },
  },
  token_not_found: {
    status: 404,
    detail: { name: "nobody" },
    says: true,
    provoke: ({ url }) => request(`${url}/tokens/nobody/revoke`, { method: "POST" }),
  },
  not_found: { status: 404, detail: {}, says: true, provoke: (service) => get(service, "/nowhere") },
  method_not_allowed: {
    status: 405,
    detail: { allow: "GET, POST, HEAD" },
    says: true,
    provoke: ({ url }) => request(`${url}/runs`, { method: "DELETE" }),
  },
  invalid_request: {
    status: 400,
    detail: {},
    says: true,
    provoke: ({ url }) => sendRaw(url, { parts: [`${SECRET}\r\n\r\n`] }),
  },
  headers_too_large: {
    status: 431,
    detail: {},
    says: true,
    provoke: ({ url }) => getRaw(url, `/healthz?${"x".repeat(200_000)}`),
  },
  misdirected_request: {
    status: 421,
    detail: {},
    says: true,
    provoke: ({ url }) =>
      sendRaw(url, { parts: ["GET /runs HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n"] }),
  },
  expectation_failed: {
    status: 417,
    detail: {},
    says: true,
    provoke: ({ url }) =>
      sendRaw(url, {
        parts: ["POST /runs HTTP/1.1\r\nhost: localhost\r\nexpect: tea\r\ncontent-length: 5\r\n\r\n"],
      }),
  },
  range_not_satisfiable: {
    status: 416,
    detail: { artifact_id: "short:raw", bytes: 24 },
    says: true,
    async provoke({ url }) {
      await completeRun(url, { source: SECRET, workflowId: "short" });
      return request(`${url}/artifacts/short:raw/download`, { headers: { range: "bytes=24-" } });
    },
  },
  internal_error: {
    status: 500,
    detail: {},
    says: false,
    async provoke({ url, database }) {
      const { artifacts } = await completeRun(url, SECRET);
      await bypassTriggers(database, "update jejakekal.blob set bytes = 'altered' where sha256 = $1", [
        artifacts[0]?.sha256,
      ]);
      return request(`${url}/artifacts/${artifacts[0]?.id}`);
    },
  },
  storage_unavailable: {
    status: 503,
    detail: {},
    says: true,
    async provoke({ url, program }) {
      const { run_id } = await completeRun(url, `${SECRET}, to be exported`);
      writeFileSync(program.bundlesRoot, "in the way");
      const reply = await request(`${url}/runs/${run_id}/export`);
      rmSync(program.bundlesRoot);
      return reply;
    },
  },
  cross_site_request: {
    status: 403,
    detail: {},
    says: true,
    provoke: ({ url }) =>
      request(`${url}/runs`, {
        method: "POST",
        headers: { origin: "http://elsewhere.example", "content-type": "application/json" },
        body: JSON.stringify({ source: SECRET }),
      }),
  },
  api_unavailable: {
    status: 503,
    detail: {},
    says: true,
    provoke: async () => {
      const log = createLog({ level: "silent" });
      const nobody = createReverseProxy({ baseUrl: "http://127.0.0.1:9", maxBodyBytes: 1_000, log });
      return nobody(new Request("http://ui.internal/runs"));
    },
  },
  // These two need a database that is gone and twenty slow seconds; `flow/launch.test.ts` has the first for real.
  database_unavailable: {
    status: 503,
    detail: {},
    says: true,
    provoke: async () => failureReply(new Failure("database_unavailable")),
  },
  request_timeout: {
    status: 408,
    detail: {},
    says: true,
    provoke: async () => failureReply(new Failure("request_timeout")),
  },
};

describe("every failure", () => {
  const service = useService({
    // Requests without a token stay allowed when there are tokens.
    env: { JEJAKEKAL_MAX_BODY_BYTES: String(LIMIT_BYTES), JEJAKEKAL_ANONYMOUS: "1" },
  });

  for (const [code, { status, detail, says, provoke }] of Object.entries(SCENARIOS)) {
    test(`${code} is ${status} with exactly its body, and nothing of the inside`, slow, async () => {
      const reply = await provoke(service);
      const text =
        "text" in reply && typeof reply.text === "string" ? reply.text : await (reply as Response).text();
      const message = says ? { message: FAILURES[code as FailureCode] } : {};
      assertFailure(
        { status: reply.status, headers: reply.headers, text },
        status,
        { error: code, ...message, ...detail },
        SECRET,
      );
    });
  }

  test(
    "a 405 names the methods of the address in `allow`, and a HEAD is one of them where GET is",
    slow,
    async () => {
      const methods: Readonly<Record<string, string>> = {
        "/runs": "GET, POST, HEAD",
        "/runs/x": "GET, HEAD",
        "/runs/x/export": "GET, HEAD",
        "/runs/x/resume": "POST",
        "/runs/x/cancel": "POST",
        "/artifacts": "GET, HEAD",
        "/artifacts/x:raw": "GET, HEAD",
        "/healthz": "GET, HEAD",
      };
      for (const [path, allow] of Object.entries(methods)) {
        for (const method of ["PUT", "DELETE", "PATCH"]) {
          const reply = await request(`${service.url}${path}`, { method });
          assert.equal(reply.status, 405, path);
          assert.equal(reply.headers.get("allow"), allow, path);
        }
        const trace = await getRaw(service.url, path, "TRACE");
        assert.deepEqual([trace.status, trace.headers.get("allow")], [405, allow], path);
      }
    },
  );

  test("a status line has its reason phrase on every runner", slow, async () => {
    for (const [path, line] of [
      ["/healthz", "200 OK"],
      ["/nowhere", "404 Not Found"],
      ["/runs/%2E%2E", "400 Bad Request"],
    ]) {
      assert.match((await getRaw(service.url, path ?? "")).raw, new RegExp(`^HTTP/1.1 ${line}\r\n`));
    }
  });

  test("a HEAD has the headers of the GET and no body", slow, async () => {
    const { artifacts, run_id } = await completeRun(service.url, "head");
    for (const path of ["/healthz", "/runs", `/runs/${run_id}`, `/artifacts/${artifacts[0]?.id}/download`]) {
      const raw = await sendRaw(service.url, {
        parts: [`HEAD ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`],
      });
      const full = await request(`${service.url}${path}`);
      assert.equal(raw.status, 200, path);
      assert.equal(raw.text, "", path);
      assert.equal(raw.headers.get("content-type"), full.headers.get("content-type"));
    }
    assert.equal((await request(`${service.url}/nowhere`, { method: "HEAD" })).status, 404);
  });

  test("a damaged or missing blob leaves a log line with the artifact's id", slow, async () => {
    const { artifacts } = await completeRun(service.url, "# To be damaged\n\nwords");
    for (const [index, [sql, reason]] of [
      ["update jejakekal.blob set bytes = 'x' where sha256 = $1", "altered"],
      ["delete from jejakekal.blob where sha256 = $1", "missing"],
    ].entries()) {
      const artifact = artifacts[index + 2];
      await bypassTriggers(service.database, sql ?? "", [artifact?.sha256]);
      for (const path of ["", "/download"]) {
        const reply = await request(`${service.url}/artifacts/${artifact?.id}${path}`);
        assertFailure(reply, 500, { error: "internal_error" });
      }
      const page = await request(`${service.url}/artifacts/${artifact?.id}`, {
        headers: { accept: "text/html" },
      });
      assert.equal(page.status, 500);
      assert.match(page.text, /id="run-status" data-state="done"/, "the page still shows the run");
      assert.match(page.text, /data-code="internal_error"/);
      const line = await service.program.logged("damage", ({ artifactId }) => artifactId === artifact?.id);
      assert.equal(line.reason, reason);
      assert.equal(line.level, "error");
    }
  });

  test(
    "the list of commands shows the first words of a document only while its bytes match their hash",
    slow,
    async () => {
      const { run_id, artifacts } = await completeRun(service.url, "Words to be altered");
      const previewOf = async () => {
        const { commands } = JSON.parse((await request(`${service.url}/commands?q=${run_id}`)).text);
        return commands[0].preview;
      };
      assert.equal(await previewOf(), "Words to be altered");
      const sha256 = artifacts[0]?.sha256;
      await bypassTriggers(
        service.database,
        "update jejakekal.blob set bytes = 'Other words' where sha256 = $1",
        [sha256],
      );
      assert.equal(await previewOf(), null);
    },
  );

  test(
    "a run whose source is damaged before it is checked ends in an error that says so and no more",
    slow,
    async () => {
      const runId = await startAsleep(service.url, { source: "# Soon gone" });
      const run = await readRun(service.url, runId);
      await bypassTriggers(service.database, "update jejakekal.blob set bytes = 'x' where sha256 = $1", [
        run.artifacts[0]?.sha256,
      ]);
      await wake(service, runId);
      const { dbos_status, status, header } = await waitForEnd(service.url, runId);
      assert.deepEqual([dbos_status, status], ["ERROR", "error"]);
      assert.equal(header.error?.code, "FAILED_NO_ARTIFACT");
    },
  );
});
