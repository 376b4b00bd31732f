import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { completeRun, startRun, waitForEnd } from "../client.ts";
import { cloneDatabase, emptyDatabase } from "../testing/database.ts";
import { testEnvironment } from "../testing/environment.ts";
import { objectOf, postJson, request } from "../testing/http.ts";
import { startProgram, type TestProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";
import { openTcpProxy } from "../testing/tcp-proxy.ts";

const { launches } = testEnvironment;

describe("a launch", () => {
  const many = { timeout: 120_000 * launches };
  test(`of 8 programs at once on an empty database fails for none (${launches} times)`, many, async () => {
    for (let launch = 1; launch <= launches; launch += 1) {
      await using database = await emptyDatabase();
      await using undo = new AsyncDisposableStack();
      const starting = Array.from({ length: 8 }, () => startProgram({ database }));
      const started = await Promise.allSettled(starting);
      const programs = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      for (const program of programs) undo.use(program);
      const failed = started.flatMap((result) =>
        result.status === "rejected" ? [inspect(result.reason)] : [],
      );
      assert.deepEqual(failed, [], `launch ${launch}`);
      await assertEachServes(programs);
    }
  });

  test("on an up-to-date database changes nothing", slow, async () => {
    await using database = await cloneDatabase();
    const tables =
      "select count(*)::int as count from pg_class where relnamespace in ('dbos'::regnamespace, 'jejakekal'::regnamespace)";
    const before = await database.query(tables);
    await using program = await startProgram({ database });
    await completeRun(program.url);
    assert.deepEqual(await database.query(tables), before);
  });
});

async function assertEachServes(programs: readonly TestProgram[]): Promise<void> {
  const nodes = await Promise.all(
    programs.map(async ({ url }) => String(objectOf(await request(`${url}/healthz`)).node)),
  );
  assert.equal(new Set(nodes).size, programs.length, "each is a node of its own");
  const ends = await Promise.all(programs.map(({ url }) => completeRun(url)));
  assert.ok(ends.every(({ status }) => status === "done"));
}

describe("a database that goes away", () => {
  test(
    "is a typed 503 with retry-after until it is back, and what was accepted is not lost",
    slow,
    async () => {
      await using database = await cloneDatabase();
      await using proxy = await openTcpProxy(database.url);
      await using program = await startProgram({ database: { url: proxy.url } });
      const runId = await startRun(program.url, { source: "# Through an outage", sleepMs: 800 });
      await proxy.cut();
      for (const ask of [
        () => postJson(`${program.url}/runs`, { source: "now?" }),
        () => request(`${program.url}/runs/${runId}`),
        () => request(`${program.url}/runs`),
        () => request(`${program.url}/artifacts/${runId}:raw`),
        () => request(`${program.url}/runs/${runId}/export`),
        () => request(`${program.url}/runs/${runId}/cancel`, { method: "POST" }),
      ]) {
        const reply = await ask();
        assert.equal(reply.status, 503, reply.text);
        assert.equal(objectOf(reply).error, "database_unavailable");
        assert.equal(reply.headers.get("retry-after"), "1");
      }
      const health = await request(`${program.url}/healthz`);
      assert.equal(health.status, 503);
      assert.equal(objectOf(health).ok, false);
      assert.equal(objectOf(health).database, false);
      await proxy.heal();
      const run = await waitForEnd(program.url, runId);
      assert.equal(run.dbos_status, "SUCCESS");
      await completeRun(program.url, "# And on");
    },
  );
});
