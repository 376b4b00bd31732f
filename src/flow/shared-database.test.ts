import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, waitForEnd } from "../client.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { objectOf, request } from "../testing/http.ts";
import { startProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";
import { endSleep, startAsleep } from "../testing/sleeping-run.ts";

describe("a workflow of another application in the same DBOS schema", () => {
  test("is no run: it is not shown, changed or counted", slow, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    await completeRun(program.url);
    await insertForeignWorkflow(database, { id: "theirs", node: "elsewhere", version: "2" });
    for (const [method, path] of [
      ["GET", "/runs/theirs"],
      ["GET", "/runs/theirs/events"],
      ["GET", "/runs/theirs/export"],
      ["POST", "/runs/theirs/cancel"],
      ["POST", "/runs/theirs/resume"],
    ] as const) {
      const reply = await request(`${program.url}${path}`, { method });
      assert.deepEqual(
        [reply.status, objectOf(reply)],
        [404, { error: "run_not_found", run_id: "theirs" }],
        path,
      );
    }
    assert.equal(objectOf(await request(`${program.url}/healthz`)).waiting_runs, 0);
    assert.deepEqual(await readForeignWorkflow(database, "theirs"), ["PENDING", "elsewhere"]);
  });

  test("is not requeued when the runs of its dead node are", slow, async () => {
    await using database = await cloneDatabase();
    await using living = await startProgram({ database, env: { JEJAKEKAL_NODE: "living" } });
    await using dying = await startProgram({ database, env: { JEJAKEKAL_NODE: "dying" } });
    const runId = await startAsleep(dying.url, { source: "# Ours" });
    await insertForeignWorkflow(database, { id: "theirs", node: "dying", version: "1" });
    await dying.kill9();
    await endSleep(database, runId);
    assert.equal((await waitForEnd(living.url, runId)).dbos_status, "SUCCESS");
    assert.deepEqual(await readForeignWorkflow(database, "theirs"), ["PENDING", "dying"]);
  });
});

/** As an application writes it that does not name itself: DBOS then takes its workflows for those of every application. */
async function insertForeignWorkflow(
  database: TestDatabase,
  { id, node, version }: Readonly<{ id: string; node: string; version: string }>,
): Promise<void> {
  await database.query(
    `insert into dbos.workflow_status (workflow_uuid, status, name, executor_id, application_version, created_at, updated_at)
     values ($1, 'PENDING', 'theirWorkflow', $2, $3, 0, 0)`,
    [id, node, version],
  );
}

async function readForeignWorkflow(database: TestDatabase, id: string): Promise<readonly string[]> {
  const [row] = await database.query<{ status: string; executor_id: string }>(
    "select status, executor_id from dbos.workflow_status where workflow_uuid = $1",
    [id],
  );
  return row === undefined ? [] : [row.status, row.executor_id];
}
