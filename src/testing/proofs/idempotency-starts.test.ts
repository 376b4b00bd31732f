import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, waitForEnd } from "../../client.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { pollUntil } from "../../poll.ts";
import { cloneDatabase, type TestDatabase } from "../database.ts";
import { assertFailure, objectOf, postJson } from "../http.ts";
import { startProgram } from "../program.ts";
import { otherRunner, runnerUnderTest } from "../runner.ts";
import { openTcpProxy } from "../tcp-proxy.ts";

const patient = { timeout: 240_000 } as const;

describe("a workflowId", () => {
  test(
    "posted 100 times at once to 2 programs is one run, and 409 for another payload",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using one = await startProgram({ database });
      await using two = await startProgram({ database, runner: otherRunner(runnerUnderTest()) });
      const post = (index: number, body: object) => postJson(`${[one, two][index % 2]?.url}/runs`, body);
      const body = { source: "# Wanted by all", workflowId: "crowd", sleepMs: 200 };
      const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => post(index, body)));
      assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([202]));
      const bodies = replies.map(objectOf);
      assert.deepEqual(new Set(bodies.map(({ run_id }) => run_id)), new Set(["crowd"]));
      assert.equal(bodies.filter(({ deduplicated }) => deduplicated === undefined).length, 1);
      assert.equal(bodies.filter(({ deduplicated }) => deduplicated === true).length, 99);
      for (const index of [0, 1]) {
        const other = await post(index, { ...body, source: "# Something else" });
        assertFailure(other, 409, { error: "workflow_id_payload_mismatch", workflow_id: "crowd" });
      }
      const run = await waitForEnd(two.url, "crowd");
      const seen = [run.status, run.timeline.length, run.header.recovery_attempts];
      assert.deepEqual(seen, ["done", RUN_STEPS.length, 1]);
      assert.deepEqual(await countRows(database, "crowd"), ONE_RUN);
    },
  );

  test(
    "whose program dies before DBOS has recorded the start is not claimed, and the same request starts it later",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using first = await startProgram({ database });
      const body = { source: "# Asked for", workflowId: "asked" };
      const session = await database.connect();
      await session.query("begin");
      await session.query("lock table dbos.workflow_input in exclusive mode");
      const unanswered = postJson(`${first.url}/runs`, body).then(
        () => "answered",
        () => "not answered",
      );
      const isClaiming = `select from pg_locks where relation = 'dbos.workflow_input'::regclass and not granted`;
      await pollUntil("the start is under way", async () => (await database.query(isClaiming)).length === 1);
      await first.kill9();
      await first[Symbol.asyncDispose]();
      assert.equal(await unanswered, "not answered");
      await cutSessions(database);
      await session.query("rollback");
      const nothing = { claims: 0, workflows: 0, commands: 0, steps: 0, effects: 0 };
      assert.deepEqual(await countRows(database, "asked"), nothing);
      await using second = await startProgram({ database });
      const answer = await postJson(`${second.url}/runs`, body);
      assert.deepEqual([answer.status, objectOf(answer).deduplicated], [202, undefined]);
      assert.equal((await waitForEnd(second.url, "asked")).status, "done");
      assert.deepEqual(await countRows(database, "asked"), ONE_RUN);
    },
  );

  test("whose workflow was deleted from DBOS is started by the next request", patient, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    const body = { source: "# Deleted", workflowId: "deleted" };
    await postJson(`${program.url}/runs`, body);
    await waitForEnd(program.url, "deleted");
    await database.query("delete from dbos.workflow_status where workflow_uuid = 'deleted'");
    assert.equal((await postJson(`${program.url}/runs`, body)).status, 202);
    assert.equal((await waitForEnd(program.url, "deleted")).status, "done");
    assert.deepEqual(await countRows(database, "deleted"), ONE_RUN);
  });
});

describe("a start whose answer from Postgres is lost after the commit", () => {
  const cases = {
    "without an id": { source: "# Answer lost" },
    "with an id": { source: "# Answer lost", workflowId: "answer-lost" },
  };
  for (const [what, body] of Object.entries(cases)) {
    test(`is answered with 202 and its one run, ${what}`, patient, async () => {
      await using database = await cloneDatabase();
      await using proxy = await openTcpProxy(database.url);
      await using program = await startProgram({ database: { url: proxy.url } });
      const earlier = (await completeRun(program.url)).run_id;
      proxy.holdAnswersAfter(COMMIT);
      const answer = postJson(`${program.url}/runs`, body);
      const runId = await pollUntil("the start is stored", async () => {
        const stored = "select workflow_uuid as id from dbos.workflow_status where workflow_uuid <> $1";
        return (await database.query<{ id: string }>(stored, [earlier]))[0]?.id;
      });
      proxy.reset();
      await proxy.heal();
      const { status, text } = await answer;
      assert.equal(status, 202, text);
      assert.deepEqual(JSON.parse(text), { run_id: runId, status: "running", dbos_status: "PENDING" });
      assert.equal((await waitForEnd(program.url, runId)).dbos_status, "SUCCESS");
      assert.deepEqual(await countRows(database, runId), ONE_RUN);
      const others = "select from jejakekal.run where run_id not in ($1, $2)";
      assert.deepEqual(await database.query(others, [earlier, runId]), []);
    });
  }

  test("is answered with 503 when the database stays away", patient, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using program = await startProgram({ database: { url: proxy.url } });
    await completeRun(program.url);
    proxy.holdAnswersAfter(COMMIT);
    const answer = postJson(`${program.url}/runs`, { source: "# Away", workflowId: "away" });
    const stored = "select from dbos.workflow_status where workflow_uuid = 'away'";
    await pollUntil("the start is stored", async () => (await database.query(stored)).length === 1);
    await proxy.cut();
    const { status, text } = await answer;
    assert.deepEqual([status, JSON.parse(text).error], [503, "database_unavailable"]);
  });
});

/** The end of the text tells it from `read committed`. */
const COMMIT = "commit\0";

const ONE_RUN = { claims: 1, workflows: 1, commands: 1, steps: RUN_STEPS.length, effects: 1 };

async function countRows(database: TestDatabase, runId: string) {
  const [counts] = await database.query<
    Record<"claims" | "workflows" | "commands" | "steps" | "effects", number>
  >(
    `select (select count(*)::int from jejakekal.run where run_id = $1) as claims,
            (select count(*)::int from dbos.workflow_status where workflow_uuid = $1) as workflows,
            (select count(*)::int from jejakekal.chat_event where run_id = $1) as commands,
            (select count(*)::int from dbos.operation_outputs where workflow_uuid = $1) as steps,
            (select count(*)::int from jejakekal.effect_intent where run_id = $1) as effects`,
    [runId],
  );
  assert.ok(counts);
  return counts;
}

/** Ends the sessions of the dead program, as the death of its machine would, so that none of its statements is committed later. */
async function cutSessions(database: TestDatabase): Promise<void> {
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and application_name not like 'test%'`,
  );
}
