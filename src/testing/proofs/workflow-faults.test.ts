import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import pg from "pg";
import { RUN_STEPS } from "../../domain/run.ts";
import { ensureRunning, fromNodeModules } from "../../postgres/index.ts";
import { findFreePort, systemRootOf } from "../../postgres/test-support.ts";
import { cloneDatabase } from "../database.ts";
import { objectOf, postJson, request } from "../http.ts";
import { temporaryFolder } from "../paths.ts";
import { until } from "../poll.ts";
import { startProgram } from "../program.ts";
import { endOfRun, finishedRun, startRun, waitForRun } from "../runs.ts";
import { installStepProbe } from "../step-probe.ts";
import { openTcpGate } from "../tcp-gate.ts";

const patient = { timeout: 120_000 } as const;

describe("an outage of Postgres under load", () => {
  test("longer than every step's attempts loses nothing that was accepted", patient, async () => {
    await using database = await cloneDatabase();
    await using gate = await openTcpGate(database.url);
    await using program = await startProgram({ database: { url: gate.url } });
    const load = startLoad(program.url);
    await until("some runs are accepted", () => load.accepted.length >= 40);
    await gate.cut();
    await until("starts are refused", () => load.refused.length >= 3, { timeoutMs: 20_000 });
    // Every step's attempts together last 4 s.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await gate.open();
    const before = load.accepted.length;
    await until("starts are accepted again", () => load.accepted.length > before + 10);
    await load.stop();
    assert.deepEqual([...new Set(load.refused)], ["503 database_unavailable, retry after 1"]);
    for (const runId of load.accepted) {
      const run = await endOfRun(program.url, runId, { timeoutMs: 60_000 });
      assert.equal(run.dbos_status, "SUCCESS", runId);
      assert.equal(run.timeline.length, RUN_STEPS.length);
    }
  });

  test("that is a crash of the server itself loses nothing that was accepted either", patient, async () => {
    using folder = temporaryFolder();
    const place = { home: folder.path, port: await findFreePort(), binaries: fromNodeModules() };
    const server = await ensureRunning(place);
    await using program = await startProgram({ database: { url: server.databaseUrl } });
    const load = startLoad(program.url);
    await until("some runs are accepted", () => load.accepted.length >= 40);
    process.kill(await readServerPid(server.databaseUrl), "SIGQUIT");
    await until("starts are refused", () => load.refused.length >= 3, { timeoutMs: 20_000 });
    const again = await ensureRunning(place);
    const before = load.accepted.length;
    await until("starts are accepted again", () => load.accepted.length > before + 10, { timeoutMs: 30_000 });
    await load.stop();
    for (const runId of load.accepted) {
      const run = await endOfRun(program.url, runId, { timeoutMs: 60_000 });
      assert.equal(run.dbos_status, "SUCCESS", runId);
    }
    await program.stop();
    await server.release();
    await again.release();
    // Where root's server keeps its data when its user cannot look into the folder.
    await rm(systemRootOf(folder.path), { recursive: true, force: true });
  });
});

test(
  "a bundle that cannot be written is a plain failure, and is written once there is room",
  patient,
  async () => {
    await using database = await cloneDatabase();
    using folder = temporaryFolder();
    const bundlesRoot = `${folder.path}/bundles`;
    await writeFile(bundlesRoot, "in the way");
    await using program = await startProgram({ database, bundlesRoot });
    const { run_id } = await finishedRun(program.url);
    const refused = await request(`${program.url}/runs/${run_id}/export`);
    assert.deepEqual([refused.status, objectOf(refused)], [500, { error: "internal_error" }]);
    await rm(bundlesRoot);
    assert.equal((await request(`${program.url}/runs/${run_id}/export`)).status, 200);
  },
);

describe("SIGTERM", () => {
  test(
    "lets the step under way finish, begins no other, and exits 0; the next start does the rest",
    patient,
    async () => {
      await using database = await cloneDatabase();
      const probe = await installStepProbe(database, ["drained"]);
      const first = await startProgram({ database });
      await probe.hold("drained", "work docir");
      await startRun(first.url, { source: "# Drained", workflowId: "drained" });
      await probe.allHeld();
      const stopping = first.stop();
      await first.logged("it stops", ({ msg }) => msg === "stopping");
      await probe.letGo();
      assert.equal(await stopping, 0);
      await first[Symbol.asyncDispose]();
      const steps = await database.query<{ function_name: string }>(
        "select function_name from dbos.operation_outputs where workflow_uuid = 'drained' order by function_id",
      );
      assert.deepEqual(
        steps.map(({ function_name }) => function_name),
        ["prepare", "DBOS.sleep", "docir"],
      );
      await using second = await startProgram({ database });
      assert.equal((await endOfRun(second.url, "drained")).dbos_status, "SUCCESS");
      const passes = await probe.passes("drained");
      assert.equal(passes["work docir"], 1);
      assert.equal(passes["record docir"], 1);
    },
  );

  test("does not wait for a run that sleeps", patient, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    const runId = await startRun(program.url, { source: "# Asleep", sleepMs: 3_600_000 });
    await waitForRun(program.url, runId, "sleeps", ({ timeline }) => timeline.length === 2);
    const began = performance.now();
    assert.equal(await program.stop(), 0);
    assert.ok(performance.now() - began < 3_000);
  });
});

describe("a clock that is set", () => {
  /** A program whose clock goes back by an hour, or on by one, at a signal. */
  const clock = (byMs: number) => ({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
      `const now=Date.now;let by=0;process.on("SIGUSR2",()=>{by=${byMs}});Date.now=()=>now()+by`,
    )}`,
  });

  // Durable sleeps end at a time of day, so a clock that is set back makes them longer by as much.
  for (const [what, byMs] of [
    ["back by 3 s", -3_000],
    ["on by an hour", 3_600_000],
  ] as const) {
    test(`${what} in the middle of a run neither stops it nor does a step twice`, patient, async () => {
      await using database = await cloneDatabase();
      await using program = await startProgram({ database, runner: "node", env: clock(byMs) });
      const runId = await startRun(program.url, { source: "# Clock", sleepMs: 800 });
      await waitForRun(program.url, runId, "sleeps", ({ timeline }) => timeline.length === 2);
      process.kill(program.pid, "SIGUSR2");
      const run = await endOfRun(program.url, runId, { timeoutMs: 20_000 });
      assert.equal(run.dbos_status, "SUCCESS");
      assert.equal(run.timeline.length, RUN_STEPS.length);
      await finishedRun(program.url, "# After");
      const events = objectOf(await request(`${program.url}/runs/${runId}/events`));
      assert.equal((events.chain as { sound: boolean }).sound, true);
    });
  }
});

/** The first line of its pid file. */
async function readServerPid(url: string): Promise<number> {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  const { rows } = await session.query<{ file: string }>("select pg_read_file('postmaster.pid') as file");
  await session.end();
  return Number(rows[0]?.file.split("\n")[0]);
}

/** Starts runs one after the other until told to stop, and notes how each start was answered. */
function startLoad(url: string) {
  const accepted: string[] = [];
  const refused: string[] = [];
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const reply = await postJson(`${url}/runs`, { source: "# Load", sleepMs: 100 });
      if (reply.status === 202) accepted.push(String(objectOf(reply).run_id));
      else {
        refused.push(
          `${reply.status} ${String(objectOf(reply).error)}, retry after ${reply.headers.get("retry-after")}`,
        );
      }
    }
  };
  const lanes = Promise.all([lane(), lane(), lane()]);
  return {
    accepted,
    refused,
    async stop() {
      isOver = true;
      await lanes;
    },
  };
}
