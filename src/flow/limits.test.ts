import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, startRun, waitForEnd } from "../client.ts";
import { pollUntil } from "../poll.ts";
import { objectOf, postJson, request } from "../testing/http.ts";
import { startProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";

describe("the limits of a program", () => {
  const service = useService({ env: { JEJAKEKAL_MAX_RUNNING: "3", JEJAKEKAL_CONCURRENCY: "1" } });
  const post = (body: object, url = service.url) => postJson(`${url}/runs`, body);

  test("let one run after the other work where one may, and /healthz says so", slow, async () => {
    const health = objectOf(await request(`${service.url}/healthz`));
    assert.deepEqual(health.concurrency, { limit: 1, working: 0, waiting: 0 });
    const runs = await Promise.all(["a", "b", "c"].map((source) => startRun(service.url, source)));
    for (const runId of runs) assert.equal((await waitForEnd(service.url, runId)).dbos_status, "SUCCESS");
  });

  test("refuse a start beyond the limit with a 429, on every node, and lose nothing", slow, async () => {
    await using other = await startProgram({
      database: service.database,
      env: { JEJAKEKAL_MAX_RUNNING: "3", JEJAKEKAL_NODE: "other" },
    });
    const asked = Array.from({ length: 6 }, (_, index) =>
      post(
        { source: `text ${index}`, workflowId: `run-${index}`, sleepMs: 600_000 },
        index % 2 === 0 ? service.url : other.url,
      ),
    );
    const replies = await Promise.all(asked);
    assert.deepEqual(replies.map(({ status }) => status).sort(), [202, 202, 202, 429, 429, 429]);
    const refused = replies.findIndex(({ status }) => status === 429);
    const reply = replies[refused];
    assert.ok(reply !== undefined);
    assert.deepEqual(objectOf(reply).error, "too_many_runs");
    assert.equal(reply.headers.get("retry-after"), "5");
    assert.equal(
      (await request(`${service.url}/runs/run-${refused}`)).status,
      404,
      "nothing of it is stored",
    );
    const accepted = replies.findIndex(({ status }) => status === 202);
    const same = { source: `text ${accepted}`, workflowId: `run-${accepted}`, sleepMs: 600_000 };
    assert.equal(objectOf(await post(same)).deduplicated, true, "a repeated start is not refused");
    const batch = String(objectOf(await postJson(`${service.url}/batches`, {})).batch_id);
    const documents = `${service.url}/batches/${batch}/documents`;
    assert.equal((await postJson(documents, { source: "of a batch" })).status, 429);
    assert.deepEqual(
      objectOf(await request(`${service.url}/batches/${batch}`)).items,
      [],
      "to be sent again",
    );
    for (const [index, { status }] of replies.entries()) {
      if (status === 202) await postJson(`${service.url}/runs/run-${index}/cancel`, {});
    }
    assert.equal((await postJson(documents, { source: "of a batch" })).status, 202, "once there is room");
    assert.equal((await post({ source: `text ${refused}`, workflowId: `run-${refused}` })).status, 202);
  });

  test("slow a token that has a rate, with the time to wait", slow, async () => {
    await completeRun(service.url, "before there are tokens");
    const made = await postJson(`${service.url}/tokens`, { name: "slow", scope: "read", rate_per_min: 5 });
    assert.equal(objectOf(made).rate_per_min, 5);
    const headers = { authorization: `Bearer ${objectOf(made).token}` };
    await pollUntil("tokens are needed", async () => (await request(`${service.url}/runs`)).status === 401);
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const page = await request(`${service.url}/runs`, { headers: { ...headers, accept: "text/html" } });
      statuses.push(page.status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429], "what a page asks of the API does not count");
    const refused = await request(`${service.url}/runs`, { headers });
    assert.equal(objectOf(refused).error, "too_many_requests");
    const waitS = Number(refused.headers.get("retry-after"));
    assert.ok(waitS >= 1 && waitS <= 12, `${waitS} s`);
  });
});
