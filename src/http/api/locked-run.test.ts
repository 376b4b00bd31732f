import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startRun, waitForEnd, waitForRun } from "../../client.ts";
import { objectOf, request } from "../../testing/http.ts";
import { slow, useService } from "../../testing/service.ts";

describe("a run whose lock is held by a slow change", () => {
  const service = useService();

  test("delays its own changes, but no reads and no changes of other runs", slow, async () => {
    const [locked, other] = await Promise.all(
      ["locked", "other"].map((workflowId) =>
        startRun(service.url, { source: "# Long", workflowId, sleepMs: 20_000 }),
      ),
    );
    await waitForRun(service.url, "locked", "sleeps", ({ timeline }) => timeline.length > 0);
    const holder = await service.database.connect();
    await holder.query("begin");
    await holder.query("select pg_advisory_xact_lock(hashtextextended($1, 7310117))", [locked]);
    const cancels = Array.from({ length: 20 }, () =>
      request(`${service.url}/runs/${locked}/cancel`, { method: "POST" }),
    );
    // More reads than the pool of reads has connections, each answered while the cancels wait.
    for (let round = 0; round < 15; round += 1) {
      assert.equal((await request(`${service.url}/runs/${locked}`)).status, 200);
    }
    assert.equal((await request(`${service.url}/healthz`)).status, 200);
    const otherCancel = await request(`${service.url}/runs/${other}/cancel`, { method: "POST" });
    assert.equal(otherCancel.status, 202, otherCancel.text);
    await holder.query("rollback");
    const answers = await Promise.all(cancels);
    assert.equal(answers.filter(({ status }) => status === 202).length, 1);
    const refused = answers.filter(({ status }) => status === 409);
    assert.equal(refused.length, 19);
    for (const reply of refused) assert.equal(objectOf(reply).error, "run_not_cancellable");
    assert.equal((await waitForEnd(service.url, "locked")).dbos_status, "CANCELLED");
  });
});
