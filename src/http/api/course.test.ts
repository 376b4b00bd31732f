import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { completeRun, readRun, startRun, waitForEnd } from "../../client.ts";
import { ARTIFACT_TYPES, ARTIFACTS } from "../../domain/artifact.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { jsonOf, objectOf, postJson, request } from "../../testing/http.ts";
import { slow, useService } from "../../testing/service.ts";

const ARTIFACT_KEYS = "id run_id type status title format sha256 bytes visibility created_at cost".split(" ");

/** Sections 2 and 3 of the operator's course, as an operator walks through them. */
describe("the operator's course, from a start to the database", () => {
  const service = useService();
  const source = "alpha\nbeta [low]\ngamma";

  test("a start answers 202 before the work is done, and the run then succeeds", slow, async () => {
    const sleepMs = 5_000;
    const reply = await postJson(`${service.url}/runs`, { source, sleepMs });
    const { run_id, ...rest } = objectOf(reply);
    assert.equal(reply.status, 202);
    assert.deepEqual(rest, { status: "running", dbos_status: "PENDING" });
    assert.equal(reply.headers.get("location"), `/runs/${run_id}`);
    const early = await readRun(service.url, String(run_id));
    assert.equal(early.status, "running");
    const run = await waitForEnd(service.url, String(run_id));
    assert.equal(run.status, "done");
    assert.equal(run.dbos_status, "SUCCESS");
    assert.ok((run.header.completed_at ?? 0) - run.header.created_at >= sleepMs, "it slept");
  });

  test(
    "a run has its steps by ascending function id from 0, each with times, attempt and hashes",
    slow,
    async () => {
      const run = await completeRun(service.url, { source });
      assert.deepEqual(
        run.timeline.map(({ function_name }) => function_name),
        [...RUN_STEPS],
      );
      run.timeline.forEach((step, index) => {
        assert.equal(step.function_id, index);
        assert.equal(step.attempt, 1);
        assert.equal(step.error, null);
        assert.ok((step.started_at_epoch_ms ?? 0) > 1e12);
        assert.ok((step.completed_at_epoch_ms ?? 0) >= (step.started_at_epoch_ms ?? 0));
        assert.equal(step.duration_ms, (step.completed_at_epoch_ms ?? 0) - (step.started_at_epoch_ms ?? 0));
      });
      const sha256Of = new Map<string, string>(run.artifacts.map(({ type, sha256 }) => [type, sha256]));
      assert.equal(sha256Of.get("raw"), createHash("sha256").update(source).digest("hex"));
      const inputsOf = new Map<string, readonly string[]>([["side-effect", ARTIFACT_TYPES]]);
      for (const { producerStep, inputs } of Object.values(ARTIFACTS)) inputsOf.set(producerStep, inputs);
      assert.deepEqual(
        run.timeline.map(({ io_hashes }) => io_hashes.in),
        RUN_STEPS.map((step) => (inputsOf.get(step) ?? []).map((type) => sha256Of.get(type))),
      );
    },
  );

  test("the body of a run has the contract's keys", slow, async () => {
    const run = await completeRun(service.url, { source });
    assert.deepEqual(Object.keys(run), [
      "run_id",
      "status",
      "dbos_status",
      "header",
      "timeline",
      "artifacts",
    ]);
    for (const key of ["name", "created_at", "updated_at", "recovery_attempts", "executor_id"]) {
      assert.ok(key in run.header, key);
    }
    assert.equal(run.header.name, "documentRun");
    assert.equal(run.header.executor_id, "local");
    for (const key of "function_id function_name started_at_epoch_ms completed_at_epoch_ms duration_ms attempt output error io_hashes".split(
      " ",
    )) {
      assert.ok(
        run.timeline.every((step) => key in step),
        key,
      );
    }
    assert.ok(!JSON.stringify(run).includes("gamma"), "a run shows hashes and never the document's text");
  });

  test("artifacts are listed, shown and downloaded with unchanged bytes", slow, async () => {
    const { run_id, artifacts } = await completeRun(service.url, { source });
    const list = jsonOf(await request(`${service.url}/artifacts?type=raw&visibility=user`));
    assert.ok(Array.isArray(list));
    const [first]: unknown[] = list;
    assert.deepEqual(first, artifacts[0]);
    assert.equal(artifacts[0]?.id, `${run_id}:raw`);
    for (const key of ARTIFACT_KEYS) {
      assert.ok(Object.hasOwn(artifacts[0] ?? {}, key), key);
    }
    const detail = objectOf(await request(`${service.url}/artifacts/${run_id}:raw`));
    assert.deepEqual(Object.keys(detail), ["meta", "content", "prov"]);
    assert.equal(detail.content, source);
    const download = await request(`${service.url}/artifacts/${run_id}:raw/download`);
    assert.equal(download.text, source);
    assert.equal(download.headers.get("content-type"), "text/markdown; charset=utf-8");
    assert.match(download.headers.get("content-disposition") ?? "", /^attachment/);
    assert.equal(download.headers.get("etag"), `"${artifacts[0]?.sha256}"`);
  });

  test(
    "every artifact's download hashes to its sha256, has its size, and is the content shown",
    slow,
    async () => {
      const { artifacts } = await completeRun(service.url, { source });
      assert.deepEqual(
        artifacts.map(({ type }) => type),
        [...ARTIFACT_TYPES],
      );
      for (const { id, sha256, bytes, type } of artifacts) {
        const { text } = await request(`${service.url}/artifacts/${id}/download`);
        assert.equal(createHash("sha256").update(text).digest("hex"), sha256, type);
        assert.equal(Buffer.byteLength(text), bytes);
        const { content } = objectOf(await request(`${service.url}/artifacts/${id}`));
        assert.deepEqual(content, type === "raw" ? source : JSON.parse(text));
      }
    },
  );

  test("a download that the client already has is answered with 304", slow, async () => {
    const { artifacts } = await completeRun(service.url, { source });
    const [raw] = artifacts;
    const reply = await request(`${service.url}/artifacts/${raw?.id}/download`, {
      headers: { "if-none-match": `"${raw?.sha256}"` },
    });
    assert.equal(reply.status, 304);
    assert.equal(reply.text, "");
  });

  test("the export lists the artifacts in order and the path of the bundle", slow, async () => {
    const run = await completeRun(service.url, { source });
    const exported = objectOf(await request(`${service.url}/runs/${run.run_id}/export`));
    const { run_bundle_path, artifacts, ...same } = exported;
    const { artifacts: _, ...rest } = run;
    assert.deepEqual(same, rest);
    assert.ok(Array.isArray(artifacts));
    assert.deepEqual(
      artifacts.map(({ id }: { id: string }) => id),
      [...ARTIFACT_TYPES],
    );
    assert.equal(run_bundle_path, `${service.program.bundlesRoot}/${run.run_id}`);
  });

  test("the API and the database agree", slow, async () => {
    const run = await completeRun(service.url, { source });
    const [status] = await service.database.query(
      "select workflow_uuid, status, name, recovery_attempts::int, executor_id from dbos.workflow_status where workflow_uuid = $1",
      [run.run_id],
    );
    const { name, recovery_attempts, executor_id } = run.header;
    assert.deepEqual(status, {
      workflow_uuid: run.run_id,
      status: run.dbos_status,
      name,
      recovery_attempts,
      executor_id,
    });
    const steps = await service.database.query(
      `select function_id, function_name, started_at_epoch_ms::float8, completed_at_epoch_ms::float8
         from dbos.operation_outputs where workflow_uuid = $1 order by function_id`,
      [run.run_id],
    );
    assert.deepEqual(
      steps,
      run.timeline.map(({ function_id, function_name, started_at_epoch_ms, completed_at_epoch_ms }) => ({
        function_id,
        function_name,
        started_at_epoch_ms,
        completed_at_epoch_ms,
      })),
    );
  });

  test("the table of commands holds the command and never the text", slow, async () => {
    const runId = await startRun(service.url, { cmd: "/doc the secret words" });
    await waitForEnd(service.url, runId);
    const rows = await service.database.query(
      "select cmd, args, run_id from jejakekal.chat_event where run_id = $1",
      [runId],
    );
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.cmd, "/doc");
    assert.ok(!JSON.stringify(rows).includes("secret"));
    const [inputs] = await service.database.query(
      "select inputs as text from dbos.workflow_input where workflow_uuid = $1",
      [runId],
    );
    assert.match(String(inputs?.text), /source_sha256/);
    assert.ok(!String(inputs?.text).includes("secret"), "DBOS is started with hashes, never with the text");
  });

  test("runs are listed newest first, page by page, without a gap or a double", slow, async () => {
    const ids: string[] = [];
    for (let number = 0; number < 5; number += 1)
      ids.unshift((await completeRun(service.url, `run ${number}`)).run_id);
    const seen: string[] = [];
    let before: unknown;
    do {
      const page = objectOf(await request(`${service.url}/runs?limit=2${before ? `&before=${before}` : ""}`));
      assert.ok(Array.isArray(page.runs) && page.runs.length <= 2);
      seen.push(...page.runs.map(({ run_id }: { run_id: string }) => run_id));
      before = page.next;
    } while (before !== null);
    assert.deepEqual(seen.slice(0, 5), ids);
    assert.equal(new Set(seen).size, seen.length);
  });

  test("health says which node answers", slow, async () => {
    const reply = await request(`${service.url}/healthz`);
    assert.equal(reply.status, 200);
    const { ok, database, worker, node } = objectOf(reply);
    assert.deepEqual(
      { ok, database, worker, node },
      { ok: true, database: true, worker: true, node: "local" },
    );
  });
});
