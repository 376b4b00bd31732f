import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitForEnd } from "../../client.ts";
import { assertFailure, objectOf, postJson, request } from "../../testing/http.ts";
import { slow, useService } from "../../testing/service.ts";

describe("a start with a workflowId", () => {
  const service = useService();
  const post = (body: unknown) => postJson(`${service.url}/runs`, body);

  test(
    "100 posts at once with one id and one payload are one run, and the rest are told so",
    slow,
    async () => {
      const replies = await Promise.all(
        Array.from({ length: 100 }, () => post({ source: "same", workflowId: "crowd", sleepMs: 50 })),
      );
      const bodies = replies.map(objectOf);
      assert.ok(replies.every(({ status }) => status === 202));
      assert.ok(bodies.every(({ run_id }) => run_id === "crowd"));
      assert.equal(bodies.filter(({ deduplicated }) => deduplicated === undefined).length, 1);
      assert.equal(bodies.filter(({ deduplicated }) => deduplicated === true).length, 99);
      const run = await waitForEnd(service.url, "crowd");
      assert.equal(run.dbos_status, "SUCCESS");
      const [counts] = await service.database.query(
        `select (select count(*)::int from dbos.workflow_status where workflow_uuid = 'crowd') as workflows,
              (select count(*)::int from jejakekal.chat_event where run_id = 'crowd') as commands,
              (select count(*)::int from jejakekal.effect_intent where run_id = 'crowd') as effects`,
      );
      assert.deepEqual(counts, { workflows: 1, commands: 1, effects: 1 });
    },
  );

  test("of another application's workflow is a 409 and leaves no claim", slow, async () => {
    await service.database.query(
      "insert into dbos.workflow_status (workflow_uuid, status, name) values ('alien', 'SUCCESS', 'other')",
    );
    const reply = await post({ source: "mine", workflowId: "alien" });
    assertFailure(reply, 409, { error: "workflow_id_payload_mismatch", workflow_id: "alien" });
    assert.deepEqual(await service.database.query("select from jejakekal.run where run_id = 'alien'"), []);
    const exported = await request(`${service.url}/runs/alien/export`);
    assertFailure(exported, 404, { error: "run_not_found", run_id: "alien" });
  });

  test(
    "100 posts at once with one id and two payloads are one run and 409 for the other payload",
    slow,
    async () => {
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, index) => post({ source: `text ${index % 2}`, workflowId: "split" })),
      );
      const accepted = replies.filter(({ status }) => status === 202);
      const refused = replies.filter(({ status }) => status === 409);
      assert.equal(accepted.length, 50);
      assert.equal(refused.length, 50);
      for (const reply of refused) {
        assertFailure(reply, 409, { error: "workflow_id_payload_mismatch", workflow_id: "split" });
      }
      assert.equal((await waitForEnd(service.url, "split")).dbos_status, "SUCCESS");
    },
  );

  test("every form of the same request is the same run, whatever its controls", slow, async () => {
    const workflowId = "forms";
    assert.equal((await post({ source: "one text", workflowId, sleepMs: 1 })).status, 202);
    for (const body of [
      { cmd: "/doc one text", workflowId },
      { intent: "doc", args: { source: "one text" }, workflowId, sleepMs: 77 },
    ]) {
      assert.equal(objectOf(await post(body)).deduplicated, true);
    }
    assert.equal((await waitForEnd(service.url, workflowId)).header.sleep_ms, 1);
  });

  test("Idempotency-Key means the same as workflowId", slow, async () => {
    const start = (key: string, body: object) =>
      request(`${service.url}/runs`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      });
    const source = "once";
    assert.equal(objectOf(await start("key-1", { source })).run_id, "key-1");
    assert.equal(objectOf(await start('"key-1"', { source })).deduplicated, true);
    assert.equal(objectOf(await start("key-1", { source, workflowId: "key-1" })).deduplicated, true);
    assert.equal(objectOf(await post({ source, workflowId: "key-1" })).deduplicated, true);
    const mismatch = await start("key-1", { source: "another" });
    assertFailure(mismatch, 409, { error: "workflow_id_payload_mismatch", workflow_id: "key-1" });
    const conflict = await start("key-1", { source, workflowId: "key-2" });
    assert.deepEqual([conflict.status, objectOf(conflict).field], [400, "workflowId"]);
    for (const key of ["", "a/b", "..", '"a', "a".repeat(129)]) {
      const reply = await start(key, { source });
      assert.deepEqual([reply.status, objectOf(reply).field], [400, "Idempotency-Key"], key);
    }
    const { runs } = objectOf(await request(`${service.url}/runs?q=key-`));
    assert.ok(Array.isArray(runs) && runs.length === 1, "key-2 started nothing");
  });

  test("a repeated start of a run that has ended says how it ended", slow, async () => {
    await post({ source: "done", workflowId: "over" });
    await waitForEnd(service.url, "over");
    assert.deepEqual(objectOf(await post({ source: "done", workflowId: "over" })), {
      run_id: "over",
      status: "done",
      dbos_status: "SUCCESS",
      deduplicated: true,
    });
  });
});
