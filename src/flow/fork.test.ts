import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, startRun, waitForEnd, waitForRun } from "../client.ts";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { RUN_STEPS } from "../domain/run.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { jsonOf, objectOf, postJson, request } from "../testing/http.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";

describe("a fork", () => {
  const service = useService();

  test(
    "is a new run that names its parent, copies the earlier steps and executes the later ones",
    slow,
    async () => {
      const parent = await completeRun(service.url, { source: "# Parent\n\nA line.", workflowId: "parent" });
      const reply = await postJson(`${service.url}/runs/parent/fork`, { from_step: "memo" });
      const answer = objectOf(reply);
      assert.equal(reply.status, 202);
      assert.deepEqual(
        { ...answer, run_id: "?" },
        { run_id: "?", status: "running", dbos_status: "ENQUEUED", forked_from: "parent", from_step: 4 },
      );
      const fork = await waitForEnd(service.url, String(answer.run_id));
      assert.equal(fork.dbos_status, "SUCCESS");
      assert.equal(fork.header.forked_from, "parent");
      assert.equal(fork.header.from_step, 4);
      const recorded = (run: typeof fork) =>
        run.timeline.map(({ function_name, started_at_epoch_ms }) => [function_name, started_at_epoch_ms]);
      assert.deepEqual(recorded(fork).slice(0, 4), recorded(parent).slice(0, 4), "taken over as they were");
      for (const { started_at_epoch_ms } of fork.timeline.slice(4))
        assert.ok((started_at_epoch_ms ?? 0) >= fork.header.created_at, "done anew");
      assert.deepEqual(
        fork.artifacts.map(({ type, sha256 }) => [type, sha256]),
        parent.artifacts.map(({ type, sha256 }) => [type, sha256]),
      );
    },
  );

  test("can begin at every step, and each has its own effect", slow, async () => {
    await completeRun(service.url, { source: "# Every step", workflowId: "every" });
    for (const step of RUN_STEPS) {
      const answer = objectOf(await postJson(`${service.url}/runs/every/fork`, { from_step: step }));
      const fork = await waitForEnd(service.url, String(answer.run_id));
      assert.equal(fork.dbos_status, "SUCCESS", step);
      assert.equal(fork.timeline.length, RUN_STEPS.length);
      assert.equal(fork.artifacts.length, ARTIFACT_TYPES.length);
    }
    const effects = await service.database.query(
      `select 1 from jejakekal.effect_receipt e join jejakekal.run r using (run_id) where r.forked_from = 'every'`,
    );
    // A fork from `finalize` takes its parent's effect over with the step.
    assert.equal(effects.length, RUN_STEPS.length - 1);
  });

  test("exports as a run of its own", slow, async () => {
    const parent = await completeRun(service.url);
    const answer = objectOf(await postJson(`${service.url}/runs/${parent.run_id}/fork`, { from_step: 2 }));
    await waitForEnd(service.url, String(answer.run_id));
    const exported = objectOf(await request(`${service.url}/runs/${String(answer.run_id)}/export`));
    assert.equal(exported.dbos_status, "SUCCESS");
  });

  test("from a step that the parent has not reached is refused", slow, async () => {
    const runId = await startRun(service.url, { source: "# Asleep", sleepMs: 20_000 });
    const reply = await postJson(`${service.url}/runs/${runId}/fork`, { from_step: 6 });
    assert.equal(reply.status, 409);
    assert.equal(objectOf(reply).error, "run_not_forkable");
    await request(`${service.url}/runs/${runId}/cancel`, { method: "POST" });
  });

  test(
    "of a run of another application version is refused, because no node here can run it",
    slow,
    async () => {
      const { run_id } = await completeRun(service.url);
      await service.database.query(
        "update dbos.workflow_status set application_version = '0' where workflow_uuid = $1",
        [run_id],
      );
      const reply = await postJson(`${service.url}/runs/${run_id}/fork`, { from_step: 4 });
      assert.deepEqual([reply.status, objectOf(reply).error], [409, "run_not_forkable"]);
      assert.match(String(objectOf(reply).reason), /another application version/);
    },
  );

  test("does not wait for a sleep that its parent completed, when the clock was set back", slow, async () => {
    const { run_id } = await completeRun(service.url);
    // As if the clock had been an hour ahead when the parent slept.
    await service.database.query(
      `update dbos.operation_outputs set output = (output::bigint + 3600000)::text
        where workflow_uuid = $1 and function_name = 'DBOS.sleep'`,
      [run_id],
    );
    for (const step of [2, 4]) {
      const answer = objectOf(await postJson(`${service.url}/runs/${run_id}/fork`, { from_step: step }));
      const fork = await waitForEnd(service.url, String(answer.run_id));
      assert.equal(fork.dbos_status, "SUCCESS");
      const ofFork = objectOf(await postJson(`${service.url}/runs/${fork.run_id}/fork`, { from_step: 6 }));
      await waitForEnd(service.url, String(ofFork.run_id));
    }
  });

  test("takes a step of the run, by number or by name, and nothing else", slow, async () => {
    const { run_id } = await completeRun(service.url);
    for (const from_step of [-1, RUN_STEPS.length, 1.5, "nothing", null, [], "", "__proto__", 1e300]) {
      const reply = await postJson(`${service.url}/runs/${run_id}/fork`, { from_step });
      assert.equal(reply.status, 400, JSON.stringify(from_step));
      assert.equal(objectOf(reply).error, "invalid_run_payload");
      assert.equal(objectOf(reply).field, "from_step");
    }
    const unknown = await postJson(`${service.url}/runs/${run_id}/fork`, { from_step: 1, why: "?" });
    assert.equal(objectOf(unknown).field, "why");
    const nobody = await postJson(`${service.url}/runs/nobody/fork`, { from_step: 1 });
    assert.deepEqual(jsonOf(nobody), { error: "run_not_found", run_id: "nobody" });
  });

  test("is started by the command line, and both journals record it", slow, async () => {
    const { run_id } = await completeRun(service.url);
    const command = ["fork", run_id, "--from-step", "finalize", "--by", "ana", "--reason", "to see"];
    const printed = await runProgram(command, { database: service.database });
    assert.equal(printed.code, 0, printed.stderr);
    const fork = JSON.parse(printed.stdout);
    await waitForEnd(service.url, fork.run_id);
    const parentsEvents = await service.database.query<{ kind: string; detail: string }>(
      "select kind, detail from jejakekal.run_event where run_id = $1 order by seq desc limit 1",
      [run_id],
    );
    assert.equal(parentsEvents[0]?.kind, "forked");
    assert.deepEqual(JSON.parse(parentsEvents[0]?.detail ?? ""), {
      run_id: fork.run_id,
      from_step: 6,
      via: "cli",
      by: "ana",
      reason: "to see",
    });
  });
});

test(
  "a fork that DBOS cannot begin leaves no claim, no artifact and no word in a journal",
  slow,
  async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    await completeRun(program.url, { source: "# Parent", workflowId: "parent" });
    const before = await countRows(database);
    await database.query(
      "alter table dbos.workflow_status add constraint no_forks check (forked_from is null) not valid",
    );
    const refused = await postJson(`${program.url}/runs/parent/fork`, { from_step: 4 });
    assert.deepEqual([refused.status, objectOf(refused)], [500, { error: "internal_error" }]);
    assert.deepEqual(await countRows(database), before);
    await database.query("alter table dbos.workflow_status drop constraint no_forks");
    assert.equal((await postJson(`${program.url}/runs/parent/fork`, { from_step: 4 })).status, 202);
  },
);

test(
  "a cancel of a run ends although many forks of the same run wait for it, and then the forks end",
  slow,
  async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    await startRun(program.url, { source: "# Wanted by all", workflowId: "wanted", sleepMs: 60_000 });
    await waitForRun(program.url, "wanted", "sleeps", ({ timeline }) => timeline.length === 2);
    const ask = (change: string, body = {}) => postJson(`${program.url}/runs/wanted/${change}`, body);
    const session = await database.connect();
    await session.query("begin");
    await session.query("select jejakekal.lock_chain('wanted')");
    const waiting = async (count: number) =>
      await pollUntil(`${count} wait for the journal`, async () => {
        const locks = "select from pg_locks where locktype = 'advisory' and not granted";
        return (await database.query(locks)).length >= count;
      });
    const cancelled = ask("cancel");
    await waiting(1);
    const forked = Array.from({ length: 40 }, () => ask("fork", { from_step: 1 }));
    await waiting(10);
    await session.query("rollback");
    assert.equal((await cancelled).status, 202);
    for (const answer of forked) assert.equal((await answer).status, 202);
  },
);

async function countRows(database: TestDatabase) {
  const [counts] = await database.query(
    `select (select count(*)::int from jejakekal.run) as claims,
            (select count(*)::int from jejakekal.artifact) as artifacts,
            (select count(*)::int from jejakekal.run_event) as events,
            (select count(*)::int from dbos.workflow_status) as workflows`,
  );
  return counts;
}
