import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { completeRun, readRun, startRun, waitForEnd } from "../../client.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { pollUntil } from "../../poll.ts";
import { cloneDatabase, type TestDatabase } from "../database.ts";
import { testEnvironment } from "../environment.ts";
import { objectOf, request } from "../http.ts";
import { measureSlowness } from "../machine-speed.ts";
import { startProgram, type TestProgram } from "../program.ts";
import { createSeededRandom } from "../seeded-random.ts";
import { endSleep, startAsleep } from "../sleeping-run.ts";
import { openTcpProxy } from "../tcp-proxy.ts";
import { startWebhookReceiver, type WebhookReceiver, webhookTo } from "../webhook-receiver.ts";

const patient = { timeout: 240_000 } as const;

describe("programs that share one Postgres", () => {
  test(
    "bring 300 runs to their end while they are killed at random, each step and effect once",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using receiver = await startWebhookReceiver();
      await using undo = new AsyncDisposableStack();
      const start = (name: string) => startNode(database, name, undo, webhookTo(receiver));
      const programs = await Promise.all(["one", "two", "three"].map(start));
      const random = createSeededRandom(testEnvironment.chaosSeed);
      const runIds = Array.from({ length: 300 }, (_, index) => `shared-${index}`);
      for (const [index, workflowId] of runIds.entries()) {
        const turn = random.below(programs.length);
        const program = programs[turn];
        if (program === undefined) throw new Error("there is no such program");
        await startRun(program.url, {
          source: `# Run ${index}`,
          workflowId,
          sleepMs: 1 + random.below(400),
        });
        // The kills come at random moments: during steps, during sleeps, and right after a 202.
        if (index % 60 === 30) {
          await program.kill9();
          programs[turn] = await start(`again-${index}`);
        }
      }
      await pollUntil("all runs are done", async () => (await countDone(database)) === runIds.length, {
        timeoutMs: 200_000,
        intervalMs: 100,
      });
      const [sums] = await database.query<Record<string, number>>(
        `select (select count(*)::int from dbos.operation_outputs) as steps,
              (select count(*)::int from jejakekal.effect_receipt) as receipts,
              (select count(*)::int from jejakekal.artifact) as artifacts,
              (select count(*)::int from (select run_id from jejakekal.run_event where kind = 'recovered' group by run_id) r) as recovered`,
      );
      assert.equal(
        sums?.steps,
        runIds.length * RUN_STEPS.length,
        "no step is recorded twice, and none is missing",
      );
      assert.equal(sums?.receipts, runIds.length);
      assert.equal(sums?.artifacts, runIds.length * 4);
      assert.ok((sums?.recovered ?? 0) > 0, "some runs were taken over, or this proves nothing");
      await assertDelivered(database, receiver, runIds);
    },
  );

  test("recover the runs of a dead one within 3 s", patient, async () => {
    await using database = await cloneDatabase();
    await using undo = new AsyncDisposableStack();
    const survivor = await startNode(database, "survivor", undo);
    const victim = await startNode(database, "victim", undo);
    const runId = await startAsleep(victim.url, { source: "# Orphan" });
    const limitMs = 3_000 * measureSlowness();
    await endSleep(database, runId);
    await victim.kill9();
    const killedAt = Date.now();
    const run = await waitForEnd(survivor.url, runId);
    const gapMs = (run.timeline[2]?.started_at_epoch_ms ?? Number.POSITIVE_INFINITY) - killedAt;
    assert.ok(gapMs < limitMs, `it took ${gapMs} ms`);
    assert.equal(run.header.executor_id, "survivor");
    assert.equal(run.header.recovery_attempts, 2);
  });

  test("run no step twice when one of them lost its connection for a time", patient, async () => {
    await using database = await cloneDatabase();
    await using gate = await openTcpProxy(database.url);
    await using undo = new AsyncDisposableStack();
    const steady = await startNode(database, "steady", undo);
    const cutOff = await startNode({ url: gate.url }, "cut-off", undo);
    const runIds = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        startRun(cutOff.url, { source: `# Cut off ${index}`, sleepMs: 1_500 + index * 300 }),
      ),
    );
    await gate.cut();
    await steady.logged("it took the runs over", ({ msg }) => msg === "runs requeued");
    await gate.heal();
    for (const runId of runIds) {
      const run = await waitForEnd(steady.url, runId);
      assert.equal(run.dbos_status, "SUCCESS");
      assert.equal(run.timeline.length, RUN_STEPS.length);
    }
    await pollUntil(
      "the one that was cut off is well again",
      async () => (await fetch(`${cutOff.url}/healthz`)).ok,
    );
    await completeRun(cutOff.url);
    const [effects] = await database.query<{ begun: number; done: number }>(
      `select (select count(*)::int from jejakekal.effect_intent) as begun,
              (select count(*)::int from jejakekal.effect_receipt) as done`,
    );
    assert.deepEqual(effects, { begun: runIds.length + 1, done: runIds.length + 1 });
  });

  test(
    "leave the runs of another application version to those who can run them, and say so",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using undo = new AsyncDisposableStack();
      const first = await startNode(database, "first", undo);
      const runId = await startAsleep(first.url, { source: "# Old" });
      await first.kill9();
      await database.query(
        "update dbos.workflow_status set application_version = '0' where workflow_uuid = $1",
        [runId],
      );
      const second = await startNode(database, "second", undo);
      await completeRun(second.url);
      assert.equal(objectOf(await request(`${second.url}/healthz`)).waiting_runs, 1);
      const old = await readRun(second.url, runId);
      assert.deepEqual(
        [old.dbos_status, old.header.executor_id, old.timeline.length],
        ["PENDING", "first", 2],
      );
    },
  );
});

test(
  "a restart after SIGKILL goes on within 300 ms of being well again, most of the time, and counts the recovery",
  patient,
  async () => {
    await using database = await cloneDatabase();
    const gapsMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await using first = await startProgram({ database });
      const runId = await startAsleep(first.url, { source: `# Restart ${round}` });
      await endSleep(database, runId);
      await first.kill9();
      await using second = await startProgram({ database });
      const wellAt = Date.now();
      const run = await waitForEnd(second.url, runId);
      gapsMs.push((run.timeline[2]?.started_at_epoch_ms ?? Number.POSITIVE_INFINITY) - wellAt);
      assert.equal(run.header.recovery_attempts, 2);
      await second.stop();
    }
    const median = gapsMs.toSorted((a, b) => a - b)[2] ?? Number.NaN;
    assert.ok(median < 300 * measureSlowness(), `from well to the first new step: ${gapsMs.join(", ")} ms`);
  },
);

async function startNode(
  database: Readonly<{ url: string }>,
  name: string,
  undo: AsyncDisposableStack,
  env: Readonly<Record<string, string>> = {},
): Promise<TestProgram> {
  return undo.use(await startProgram({ database, env: { ...env, JEJAKEKAL_NODE: name } }));
}

/**
 * Every run delivered its webhook under its own message id. It delivered more than once only where its intents count more than
 * one execution, because a program was killed between the delivery and the receipt.
 */
async function assertDelivered(
  database: TestDatabase,
  { deliveries, refused }: WebhookReceiver,
  runIds: readonly string[],
): Promise<void> {
  assert.deepEqual(refused, []);
  const times = Map.groupBy(deliveries, ({ messageId }) => messageId);
  assert.deepEqual([...times.keys()].toSorted(), runIds.map((runId) => `${runId}:side-effect`).toSorted());
  const executions = await database.query<{ key: string; count: number }>(
    "select effect_key as key, count(*)::int as count from jejakekal.effect_intent group by effect_key",
  );
  for (const { key, count } of executions) {
    assert.ok((times.get(key)?.length ?? 0) <= count, `${key} was delivered more often than executed`);
  }
}

async function countDone(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ done: number }>(
    "select count(*)::int as done from dbos.workflow_status where status = 'SUCCESS'",
  );
  return row?.done ?? 0;
}
