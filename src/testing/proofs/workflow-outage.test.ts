import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { completeRun, startRun, waitForEnd } from "../../client.ts";
import { ARTIFACT_TYPES } from "../../domain/artifact.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { findFreePort } from "../../free-port.ts";
import { pollUntil } from "../../poll.ts";
import { cloneDatabase } from "../database.ts";
import { objectOf, postJson, type Reply, request } from "../http.ts";
import { measureSlowness } from "../machine-speed.ts";
import { temporaryFolder } from "../paths.ts";
import { type PrivateServer, startPrivateServer } from "../private-server.ts";
import { type ProgramOptions, runProgram, startProgram, type TestProgram } from "../program.ts";
import { installStepProbe } from "../step-probe.ts";
import { openTcpProxy } from "../tcp-proxy.ts";
import { hang, startWebhookReceiver, webhookTo } from "../webhook-receiver.ts";

const patient = { timeout: 240_000 } as const;

const UNAVAILABLE = "503 database_unavailable, retry after 1";

describe("an outage of Postgres under load", () => {
  test("that lasts longer than the retries of a step loses no accepted run", patient, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using program = await startProgram({ database: { url: proxy.url } });
    await using load = startLoad(program.url);
    await pollUntil("some runs are accepted", () => load.accepted.length >= 40);
    await proxy.cut();
    await pollUntil("starts are refused", () => load.refused.length >= 3);
    // Every step's attempts together last 4 s.
    await sleep(6_000);
    await proxy.heal();
    await load.isTakenAgain();
    await load.stop();
    await assertNothingLost(program, load);
  });

  test("by a crash of the server loses no accepted run", patient, async () => {
    await using server = await startPrivateServer();
    await using program = await startProgram({ database: server.database });
    await using load = startLoad(program.url);
    await pollUntil("some runs are accepted", () => load.accepted.length >= 40);
    await server.crash();
    await pollUntil("starts are refused", () => load.refused.length >= 3);
    await server.restart();
    await load.isTakenAgain();
    await load.stop();
    await assertNothingLost(program, load);
  });

  test(
    "during which the server of another home takes the port: the service waits until its own is back",
    patient,
    async () => {
      using folders = new DisposableStack();
      const PGPORT = String(await findFreePort());
      const [ours, theirs] = [homeIn(folders, PGPORT), homeIn(folders, PGPORT)];
      await using program = await startProgram(ours);
      const runId = await startRun(program.url, { source: "# Ours", sleepMs: 1_500 });
      await runProgram(["down"], ours);
      await runProgram(["up"], theirs);
      for (let look = 0; look < 20; look += 1) {
        assert.equal((await request(`${program.url}/healthz`)).status, 503);
        assert.equal(summaryOf(await request(`${program.url}/runs/${runId}`)), UNAVAILABLE);
        assert.equal(summaryOf(await postJson(`${program.url}/runs`, { source: "# Lost" })), UNAVAILABLE);
        await sleep(100);
      }
      assert.deepEqual(JSON.parse((await runProgram(["list"], theirs)).stdout), []);
      await runProgram(["down"], theirs);
      await runProgram(["up"], ours);
      await pollUntil("it is well again", async () => (await fetch(`${program.url}/healthz`)).ok);
      assert.equal((await waitForEnd(program.url, runId)).dbos_status, "SUCCESS");
      await runProgram(["down"], ours);
    },
  );

  test(
    "in which the server hangs is told from health within 3 s, and from a start in time",
    patient,
    async () => {
      await using database = await cloneDatabase();
      await using proxy = await openTcpProxy(database.url);
      await using program = await startProgram({ database: { url: proxy.url } });
      await completeRun(program.url);
      const limitMs = 3_000 * measureSlowness();
      proxy.stall();
      const began = performance.now();
      const [health, start] = await Promise.all([
        request(`${program.url}/healthz`).then((reply) => ({ reply, ms: performance.now() - began })),
        postJson(`${program.url}/runs`, { source: "# Hung" }),
      ]);
      assert.deepEqual([health.reply.status, objectOf(health.reply).ok], [503, false]);
      assert.ok(health.ms < limitMs, `health took ${health.ms} ms`);
      assert.equal(summaryOf(start), UNAVAILABLE);
      await proxy.heal();
      await pollUntil("it is well again", async () => (await fetch(`${program.url}/healthz`)).ok);
      await completeRun(program.url);
    },
  );

  test("during exports, cancels and a webhook delivery does not end the service", patient, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using receiver = await startWebhookReceiver();
    receiver.expect(hang);
    await using program = await startProgram({
      database: { url: proxy.url },
      env: webhookTo(receiver),
    });
    const delivered = await startRun(program.url, "# Delivered");
    await pollUntil("the receiver hangs", () => receiver.deliveries.length === 1);
    const { run_id } = await completeRun(program.url, "# Exported");
    for (let round = 0; round < 3; round += 1) {
      const asleep = await startRun(program.url, { source: "# Asleep", sleepMs: 60_000 });
      const asking = [
        ...Array.from({ length: 8 }, () => request(`${program.url}/runs/${run_id}/bundle`)),
        ...Array.from({ length: 4 }, () => request(`${program.url}/runs/${run_id}/export`)),
        postJson(`${program.url}/runs/${asleep}/cancel`, {}),
      ];
      await proxy.cut();
      for (const reply of await Promise.all(asking)) {
        assert.ok(reply.status < 300 || summaryOf(reply) === UNAVAILABLE, summaryOf(reply));
      }
      await proxy.heal();
      await pollUntil("it is well again", async () => (await fetch(`${program.url}/healthz`)).ok);
    }
    assert.equal((await waitForEnd(program.url, delivered)).dbos_status, "SUCCESS");
  });
});

describe("a committed transaction", () => {
  test(
    "is on disk: a crash right after the commit loses no artifact, claim, receipt or event",
    patient,
    async () => {
      await using server = await startPrivateServer();
      await using program = await startProgram({ database: server.database });
      const probe = await installStepProbe(server.database, MOMENTS.map(runIdAt));
      // From now on only a commit writes the write-ahead log to disk.
      await server.database.query("alter system set wal_writer_delay = '10s'");
      await server.database.query("select pg_reload_conf()");
      for (const moment of MOMENTS) {
        await probe.hold(runIdAt(moment), moment);
        await startRun(program.url, { source: `# At ${moment}`, workflowId: runIdAt(moment) });
      }
      await probe.allHeld();
      await server.crash();
      await server.restart();
      for (const moment of MOMENTS) {
        const runId = runIdAt(moment);
        const run = await waitForEnd(program.url, runId);
        assert.equal(run.dbos_status, "SUCCESS", `${runId}: ${JSON.stringify(run.header.error)}`);
        assert.equal((await request(`${program.url}/runs/${runId}/export`)).status, 200);
        const events = objectOf(await request(`${program.url}/runs/${runId}/events`)).events;
        assert.ok(Array.isArray(events));
        assert.deepEqual(
          events.map(({ kind }) => kind).filter((kind) => kind !== "attempt_failed" && kind !== "exported"),
          ["accepted", "started", "finished"],
          runId,
        );
      }
      await assertWholeEffects(server, MOMENTS.length);
    },
  );
});

/** A program with its embedded Postgres on this port and a new data folder. */
function homeIn(folders: DisposableStack, PGPORT: string): ProgramOptions {
  const { path } = folders.use(temporaryFolder());
  return { database: { url: "" }, env: { JEJAKEKAL_HOME: path, PGPORT } };
}

/** Right after a step has stored what it made, and before DBOS records that it did. */
const MOMENTS = [
  "record prepare",
  "record docir",
  "record memo",
  "record side-effect",
  "record finalize",
] as const;

function runIdAt(moment: string): string {
  return `at-${moment.replace(" ", "-")}`;
}

async function assertWholeEffects({ database }: PrivateServer, count: number): Promise<void> {
  const [effects] = await database.query(
    `select (select count(*)::int from jejakekal.effect_intent) as begun,
            (select count(*)::int from jejakekal.effect_receipt) as done`,
  );
  assert.deepEqual(effects, { begun: count, done: count });
}

async function assertNothingLost(program: TestProgram, { accepted, refused }: Load): Promise<void> {
  assert.deepEqual([...new Set(refused)], [UNAVAILABLE]);
  for (const runId of accepted) {
    const run = await waitForEnd(program.url, runId);
    assert.equal(run.dbos_status, "SUCCESS", `${runId}: ${JSON.stringify(run.header.error)}`);
    assert.equal(run.timeline.length, RUN_STEPS.length);
    assert.equal(run.artifacts.length, ARTIFACT_TYPES.length);
  }
}

type Load = ReturnType<typeof startLoad>;

/** Starts runs one after the other until told to stop, and notes how each start was answered. */
function startLoad(url: string) {
  const accepted: string[] = [];
  const refused: string[] = [];
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const reply = await postJson(`${url}/runs`, { source: "# Load", sleepMs: 100 }).catch(String);
      if (typeof reply !== "string" && reply.status === 202) accepted.push(String(objectOf(reply).run_id));
      else {
        refused.push(typeof reply === "string" ? reply : summaryOf(reply));
        await sleep(20);
      }
    }
  };
  const lanes = Promise.all([lane(), lane(), lane()]);
  const stop = async () => {
    isOver = true;
    await lanes;
  };
  return {
    accepted,
    refused,
    async isTakenAgain() {
      const before = accepted.length;
      await pollUntil("starts are accepted again", () => accepted.length > before + 10);
    },
    stop,
    // Or a test that fails would go on for ever.
    [Symbol.asyncDispose]: stop,
  };
}

function summaryOf(reply: Reply): string {
  return `${reply.status} ${String(objectOf(reply).error)}, retry after ${reply.headers.get("retry-after")}`;
}
