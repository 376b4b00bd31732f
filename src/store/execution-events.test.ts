import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, startRun, waitForRun } from "../client.ts";
import { createLog } from "../log.ts";
import { slow, useService } from "../testing/service.ts";
import { openStore } from "./index.ts";

describe("an event of an execution", () => {
  const service = useService();
  const ownerOf = async (runId: string) => {
    const sql = "select owner_xid from dbos.workflow_status where workflow_uuid = $1";
    return (await service.database.query<{ owner_xid: string | null }>(sql, [runId]))[0]?.owner_xid;
  };

  test("is added while the run belongs to the execution, and not afterwards", slow, async () => {
    const store = openStore({
      url: service.database.url,
      serverId: undefined,
      poolSize: 2,
      log: createLog({ level: "silent" }),
    });
    const runId = await startRun(service.url, { source: "# Asleep", sleepMs: 60_000 });
    await waitForRun(service.url, runId, "sleeps", ({ timeline }) => timeline.length === 2);
    const ownerToken = (await ownerOf(runId)) ?? "";
    const failed = { kind: "attempt_failed", detail: { step: "docir", attempt: 1 }, once: false } as const;
    const kinds = async (id: string) => (await store.listEvents(id)).map(({ kind }) => kind);

    assert.equal(await store.appendExecutionEvent({ runId, ownerToken, node: "n" }, failed), true);
    assert.equal(await store.appendExecutionEvent({ runId, ownerToken: "stale", node: "n" }, failed), false);
    assert.equal(await store.beginExecution({ runId, ownerToken: "stale", node: "n" }), false);
    assert.deepEqual(await kinds(runId), ["accepted", "started", "attempt_failed"]);

    await fetch(`${service.url}/runs/${runId}/cancel`, { method: "POST" });
    assert.equal(await store.appendExecutionEvent({ runId, ownerToken, node: "n" }, failed), false);
    assert.deepEqual((await kinds(runId)).at(-1), "cancelled");

    const done = await completeRun(service.url);
    assert.equal(await ownerOf(done.run_id), null, "a run that has ended belongs to no execution");
    assert.equal(await store.beginExecution({ runId: done.run_id, ownerToken, node: "n" }), false);
    assert.deepEqual(await kinds(done.run_id), ["accepted", "started", "finished"]);
    await store.close();
  });
});
