import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, startRun, waitForEnd, waitForRun } from "../../client.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { cloneDatabase } from "../database.ts";
import { postJson } from "../http.ts";
import { startProgram } from "../program.ts";
import { startAsleep, wake } from "../sleeping-run.ts";
import { installStepProbe } from "../step-probe.ts";
import { openTcpProxy } from "../tcp-proxy.ts";

const patient = { timeout: 240_000 } as const;

describe("a run that sleeps", () => {
  test("and is cancelled and resumed many times runs each step once", patient, async () => {
    await using database = await cloneDatabase();
    const probe = await installStepProbe(database, ["restless"]);
    await using program = await startProgram({ database });
    await startAsleep(program.url, { source: "# Restless", workflowId: "restless" });
    for (let round = 0; round < 2; round += 1) {
      assert.equal((await postJson(`${program.url}/runs/restless/cancel`, {})).status, 202);
      assert.equal((await postJson(`${program.url}/runs/restless/resume`, {})).status, 202);
      await waitForRun(
        program.url,
        "restless",
        "is taken up",
        ({ dbos_status }) => dbos_status === "PENDING",
      );
    }
    await wake({ url: program.url, database }, "restless");
    const run = await waitForEnd(program.url, "restless");
    assert.equal(run.dbos_status, "SUCCESS");
    assert.equal(run.timeline.length, RUN_STEPS.length);
    for (const [moment, passes] of Object.entries(await probe.passes("restless"))) {
      assert.equal(passes, 1, `${moment} was done ${passes} times`);
    }
  });
});

describe("a run without a node", () => {
  test(
    "because the queue's answer was lost on the way to this node, is taken up by it",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using program = await startProgram({ database });
      const runId = await startRun(program.url, { source: "# Stranded", sleepMs: 3_000 });
      await postJson(`${program.url}/runs/${runId}/cancel`, {});
      // The state that the queue's statement leaves when the connection breaks before its answer reaches the node.
      await database.query(
        `update dbos.workflow_status
          set status = 'PENDING', executor_id = 'local', owner_xid = 'lost', completed_at = null, updated_at = 1
        where workflow_uuid = $1`,
        [runId],
      );
      assert.equal((await waitForEnd(program.url, runId)).dbos_status, "SUCCESS");
    },
  );
});

describe("a node", () => {
  test(
    "whose name another node took during a network partition continues under a new name",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using proxy = await openTcpProxy(database.url);
      await using cutOff = await startProgram({ database: { url: proxy.url } });
      const asleep = await startRun(cutOff.url, { source: "# Asleep", sleepMs: 15_000 });
      await waitForRun(cutOff.url, asleep, "sleeps", ({ timeline }) => timeline.length === 2);
      await proxy.cut();
      await using heir = await startProgram({ database });
      await proxy.heal();
      const renamed = await cutOff.logged("it has another name", ({ msg }) => msg === "node renamed");
      assert.deepEqual([renamed.from, renamed.to], ["local", "local.2"]);
      assert.equal((await completeRun(cutOff.url)).header.executor_id, "local.2");
      assert.equal((await waitForEnd(heir.url, asleep)).header.executor_id, "local");
      await completeRun(heir.url);
      assert.equal(await cutOff.stop(), 0);
    },
  );

  test("that cannot launch exits with one line and leaves no lock behind", patient, async () => {
    await using database = await cloneDatabase();
    await database.query("drop schema jejakekal cascade");
    await database.query("create role powerless login password 'powerless'");
    await using _role = {
      [Symbol.asyncDispose]: async () => void (await database.query("drop role powerless")),
    };
    const url = new URL(database.url);
    url.username = "powerless";
    url.password = "powerless";
    await assert.rejects(
      startProgram({ database: { url: url.href } }),
      /jejakekal: the database does not let this role create/,
    );
  });
});
