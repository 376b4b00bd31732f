import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { request } from "../testing/http.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram } from "../testing/program.ts";
import { endOfRun, startRun, waitForRun } from "../testing/runs.ts";
import { slow, useService } from "../testing/service.ts";

describe("the command line", () => {
  const service = useService();
  const run = (...args: readonly string[]) => runProgram(args, { database: service.database });

  test(
    "cancels and resumes a run, says who asked and why, and refuses what cannot be done",
    slow,
    async () => {
      const runId = await startRun(service.url, { source: "# Changed from a shell", sleepMs: 60_000 });
      await waitForRun(service.url, runId, "sleeps", ({ timeline }) => timeline.length === 2);
      const cancelled = await run("cancel", runId, "--by", "ana", "--reason", "wrong file");
      assert.deepEqual(
        [cancelled.code, JSON.parse(cancelled.stdout)],
        [0, { run_id: runId, status: "error", dbos_status: "CANCELLED" }],
      );
      const again = await run("cancel", runId);
      assert.deepEqual([again.code, JSON.parse(again.stdout).error], [3, "run_not_cancellable"]);
      const resumed = await run("resume", runId, "--by", "bo");
      assert.deepEqual(
        [resumed.code, JSON.parse(resumed.stdout)],
        [0, { run_id: runId, status: "running", dbos_status: "ENQUEUED" }],
      );
      await waitForRun(service.url, runId, "is taken up", ({ dbos_status }) => dbos_status === "PENDING");
      const { events } = JSON.parse((await run("events", runId)).stdout);
      const asked = events.map((event: { kind: string; detail: object }) => [event.kind, event.detail]);
      assert.deepEqual(asked.slice(2, 4), [
        ["cancelled", { via: "cli", by: "ana", reason: "wrong file" }],
        ["resumed", { via: "cli", by: "bo" }],
      ]);
      await request(`${service.url}/runs/${runId}/cancel`, { method: "POST" });
    },
  );

  test("runs a document to its end and exits, though another run sleeps on", slow, async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "note.md");
    writeFileSync(file, "# Note\n\nOne page.\n");
    // Left behind by a program that is gone: this one takes it up, and is not kept by it.
    const asleep = await startRun(service.url, { source: "# Asleep", sleepMs: 3_600_000 });
    await service.database.query(
      "update dbos.workflow_status set executor_id = 'local.2', owner_xid = 'gone' where workflow_uuid = $1",
      [asleep],
    );
    const { code, stdout, stderr } = await run("run", file);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).status, "done");
    assert.equal((await endOfRun(service.url, JSON.parse(stdout).run_id)).dbos_status, "SUCCESS");
  });

  test("shows where the database is, and none of its secrets", slow, async () => {
    const url = new URL(service.database.url);
    url.password = "hunter2";
    url.searchParams.set("password", "hunter3");
    const { code, stdout, stderr } = await runProgram(["up"], { database: { url: url.href } });
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).url, /^postgres(ql)?:\/\/postgres@127[^?]+$/);
    assert.doesNotMatch(stdout + stderr, /hunter/);
  });

  test(
    "answers what is not known or not right with words, and a code that a shell can act on",
    slow,
    async () => {
      assert.equal((await run("get", "nobody")).code, 3);
      assert.equal((await run("get", "..")).code, 3);
      const mistyped = await run("serv");
      assert.deepEqual([mistyped.code, /unknown command 'serv'\s.*serve\?/.test(mistyped.stderr)], [2, true]);
      for (const [file, words] of [
        ["/no/such/file.md", /cannot be read \(ENOENT\)/],
        ["/", /is a folder/],
      ] as const) {
        const { code, stderr } = await run("run", file);
        assert.deepEqual([code, words.test(stderr)], [1, true], stderr);
      }
      for (const command of ["serve", "run", "fork"]) {
        const { code, stdout } = await run(command, "--help");
        assert.deepEqual([code, /^Usage: /.test(stdout)], [0, true], command);
      }
    },
  );
});
