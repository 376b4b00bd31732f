import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, readdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completeRun, startRun, waitForEnd, waitForRun } from "../../client.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import { ensureRunning } from "../../postgres/index.ts";
import { canMount, makeHome } from "../../postgres/server/test-support.ts";
import { cloneDatabase } from "../database.ts";
import { objectOf, postJson, request } from "../http.ts";
import { measureSlowness } from "../machine-speed.ts";
import { temporaryFolder } from "../paths.ts";
import { startProgram } from "../program.ts";
import { startAsleep } from "../sleeping-run.ts";
import { installStepProbe, STEP_MOMENTS } from "../step-probe.ts";

const hasMounts = canMount();
const patient = { timeout: 240_000 } as const;

describe("a bundle that cannot be written", () => {
  const answered = async (url: string) => {
    const reply = await request(url);
    return [reply.status, objectOf(reply).error ?? null, reply.headers.get("retry-after")];
  };

  test("gives 503 storage_unavailable, and is written once its folder can be made", patient, async () => {
    await using database = await cloneDatabase();
    using folder = temporaryFolder();
    const bundlesRoot = `${folder.path}/bundles`;
    await writeFile(bundlesRoot, "in the way");
    await using program = await startProgram({ database, bundlesRoot });
    const { run_id } = await completeRun(program.url);
    const address = `${program.url}/runs/${run_id}/export`;
    assert.deepEqual(await answered(address), [503, "storage_unavailable", "1"]);
    assert.equal((await request(`${program.url}/healthz`)).status, 200, "all else goes on");
    await rm(bundlesRoot);
    assert.deepEqual(await answered(address), [200, null, null]);
  });

  test("because the disk is full leaves no partial files, and is written once there is room", {
    ...patient,
    skip: !hasMounts,
  }, async () => {
    await using database = await cloneDatabase();
    using folder = temporaryFolder();
    using disk = mountSmallDisk(folder.path);
    await using program = await startProgram({ database, bundlesRoot: folder.path });
    const { run_id } = await completeRun(program.url);
    const address = `${program.url}/runs/${run_id}/export`;
    disk.fill();
    assert.deepEqual(await answered(address), [503, "storage_unavailable", "1"]);
    disk.makeRoom();
    assert.deepEqual(readdirSync(folder.path), [], "nothing half-written is left");
    assert.deepEqual(await answered(address), [200, null, null]);
  });
});

describe("a host without file descriptors", () => {
  const setLimit = (pid: number, files: string) =>
    execFileSync("prlimit", ["--pid", String(pid), `--nofile=${files}`]);

  test("makes a step wait without using up an attempt", {
    ...patient,
    skip: process.platform !== "linux",
  }, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    // Large enough for a child process, which takes file descriptors.
    const source = "A paragraph of the document.\n\n".repeat(8_000);
    const runId = await startRun(program.url, { source, sleepMs: 5_000 });
    await waitForRun(program.url, runId, "sleeps", ({ timeline }) => timeline.length === 2);
    const open = readdirSync(`/proc/${program.pid}/fd`).length;
    setLimit(program.pid, `${open}:`);
    await program.logged("a step waits", ({ msg }) => msg === "host shortage, step waits");
    setLimit(program.pid, "4096:");
    const run = await waitForEnd(program.url, runId);
    assert.equal(run.dbos_status, "SUCCESS");
    assert.deepEqual(
      run.timeline.map(({ attempt }) => attempt),
      run.timeline.map(() => 1),
    );
  });
});

describe("a disk under Postgres that is full", () => {
  test("gives 503, and accepted runs continue when there is room again", {
    ...patient,
    skip: !hasMounts,
  }, async (t) => {
    const home = await makeHome(t, { diskSize: "256m" });
    const server = await ensureRunning(home);
    t.after(() => server.release());
    await using program = await startProgram({ database: { url: server.databaseUrl } });
    // Its artifacts are larger than the room that a full disk leaves in the files of the database.
    const paragraphs = Array.from({ length: 3_000 }, (_, serial) => `Paragraph ${serial} of ${serial * 7}.`);
    const accepted = { source: paragraphs.join("\n\n"), sleepMs: 8_000 };
    const runId = await startRun(program.url, accepted);
    await waitForRun(program.url, runId, "sleeps", ({ timeline }) => timeline.length === 2);
    const disk = ballastOn(home.home);
    disk.fill();
    const source = "A line that needs room.\n".repeat(100_000);
    const refused = await postJson(`${program.url}/runs`, { source });
    assert.equal(refused.status, 503, refused.text);
    assert.match(String(objectOf(refused).error), /^(?:storage|database)_unavailable$/);
    await program.logged("a step met it", ({ msg }) => /step attempt failed|database trouble/.test(msg));
    disk.makeRoom();
    assert.equal((await waitForEnd(program.url, runId)).dbos_status, "SUCCESS");
    await completeRun(program.url, "# After");
  });
});

describe("SIGTERM", () => {
  test(
    "lets the steps under way finish, begins no other, and exits 0; the next start does the rest",
    patient,
    async () => {
      await using database = await cloneDatabase();
      const runIds = ["drained", "sent-together"];
      const probe = await installStepProbe(database, runIds);
      await using first = await startProgram({ database });
      await probe.hold("drained", "work prepare");
      // Its last steps are short, and are sent together with this one.
      await probe.hold("sent-together", "work docir");
      for (const workflowId of runIds) await startRun(first.url, { source: "# Drained", workflowId });
      await probe.allHeld();
      const stopping = first.stop();
      await first.logged("it stops", ({ msg }) => msg === "stopping");
      await probe.releaseAll();
      assert.equal(await stopping, 0);
      const steps = await database.query<{ function_name: string }>(
        "select function_name from dbos.operation_outputs where workflow_uuid = 'drained' order by function_id",
      );
      assert.deepEqual(
        steps.map(({ function_name }) => function_name),
        ["prepare", "DBOS.sleep"],
      );
      const [together] = await database.query<{ status: string }>(
        "select status from dbos.workflow_status where workflow_uuid = 'sent-together'",
      );
      assert.equal(together?.status, "SUCCESS");
      await using second = await startProgram({ database });
      assert.equal((await waitForEnd(second.url, "drained")).dbos_status, "SUCCESS");
      for (const runId of runIds) {
        const passes = await probe.passes(runId);
        assert.deepEqual(passes, Object.fromEntries(STEP_MOMENTS.map((moment) => [moment, 1])), runId);
      }
    },
  );

  test("does not wait for a run that sleeps", patient, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    await startAsleep(program.url, { source: "# Asleep" });
    const limitMs = 3_000 * measureSlowness();
    const began = performance.now();
    assert.equal(await program.stop(), 0);
    assert.ok(performance.now() - began < limitMs);
  });
});

describe("a clock that is set", () => {
  /** A program whose clock goes back by an hour, or on by one, at a signal. */
  const clock = (byMs: number) => ({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
      `const now=Date.now;let by=0;process.on("SIGUSR2",()=>{by=${byMs}});Date.now=()=>now()+by`,
    )}`,
  });

  test("back by an hour does not delay runs that are resumed afterwards", patient, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database, runner: "node", env: clock(-3_600_000) });
    const runId = await startAsleep(program.url, { source: "# Clock" });
    await postJson(`${program.url}/runs/${runId}/cancel`, {});
    process.kill(program.pid, "SIGUSR2");
    const fork = await postJson(`${program.url}/runs/${runId}/fork`, { from_step: 0 });
    await waitForRun(
      program.url,
      String(objectOf(fork).run_id),
      "begins",
      ({ timeline }) => timeline.length > 0,
    );
  });

  // Durable sleeps end at a time of day, so a clock that is set back makes them longer by as much.
  for (const [what, byMs] of [
    ["back by 3 s", -3_000],
    ["on by an hour", 3_600_000],
  ] as const) {
    test(`${what} in the middle of a run neither stops it nor does a step twice`, patient, async () => {
      await using database = await cloneDatabase();
      await using program = await startProgram({ database, runner: "node", env: clock(byMs) });
      const runId = await startRun(program.url, { source: "# Clock", sleepMs: 3_000 });
      await waitForRun(program.url, runId, "sleeps", ({ timeline }) => timeline.length >= 2);
      process.kill(program.pid, "SIGUSR2");
      const run = await waitForEnd(program.url, runId);
      assert.equal(run.dbos_status, "SUCCESS");
      assert.equal(run.timeline.length, RUN_STEPS.length);
      await completeRun(program.url, "# After");
      const events = objectOf(await request(`${program.url}/runs/${runId}/events`));
      assert.equal((events.chain as { sound: boolean }).sound, true);
    });
  }
});

/** A disk of 64 kB at this place, which can be filled up to the last byte. */
function mountSmallDisk(place: string) {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "none", place]);
  return { ...ballastOn(place), [Symbol.dispose]: () => void execFileSync("umount", ["-l", place]) };
}

/** Fills a disk up to the last byte, and makes room again. */
function ballastOn(place: string) {
  const ballast = join(place, "ballast");
  return {
    fill: () => {
      try {
        for (;;) appendFileSync(ballast, Buffer.alloc(64 * 1024));
      } catch (error) {
        assert.match(String(error), /ENOSPC/);
      }
    },
    makeRoom: () => rmSync(ballast),
  };
}
