import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startRun, waitForEnd, waitForRun } from "../client.ts";
import { findFreePort } from "../free-port.ts";
import { pollUntil } from "../poll.ts";
import { runCommand, startChild } from "../testing/child.ts";
import { cloneDatabase } from "../testing/database.ts";
import { request } from "../testing/http.ts";
import { REPOSITORY, temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { programCommand, runnerUnderTest } from "../testing/runner.ts";
import { slow, useService } from "../testing/service.ts";
import { startWebhookReceiver, webhookTo } from "../testing/webhook-receiver.ts";

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

  test("runs a document to its end and exits while another run sleeps", slow, async () => {
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
    assert.equal((await waitForEnd(service.url, JSON.parse(stdout).run_id)).dbos_status, "SUCCESS");
  });

  test("stopped by two signals leaves a run that the next program continues", slow, async () => {
    await using database = await cloneDatabase();
    using folder = temporaryFolder();
    const file = join(folder.path, "note.md");
    writeFileSync(file, "# Note\n\nOne page.\n");
    const settings = { DBOS_SYSTEM_DATABASE_URL: database.url, JEJAKEKAL_HOME: folder.path };
    const command = [...programCommand(runnerUnderTest()), "run", file, "--sleep-ms", "2000"];
    await using child = startChild(command, settings);
    await pollUntil("it sleeps", () => child.stderr.some((line) => /DBOS\.sleep/.test(line)));
    child.signal("SIGINT");
    await sleep(50);
    child.signal("SIGINT");
    assert.equal(await child.exited, 130);
    const { run_id, status } = JSON.parse(child.stdout.join(""));
    assert.equal(status, "running");
    assert.match(child.stderr.join("\n"), new RegExp(`${run_id} is durable: the next`));
    await using next = await startProgram({ database });
    assert.equal((await waitForEnd(next.url, run_id)).dbos_status, "SUCCESS");
  });

  test("runs the documents of a folder as a batch and writes their results", slow, async () => {
    using folder = temporaryFolder();
    const [documents, out] = [join(folder.path, "in"), join(folder.path, "out")];
    mkdirSync(join(documents, "deeper"), { recursive: true });
    writeFileSync(join(documents, "a.md"), "# The first\n\nwords\n");
    writeFileSync(join(documents, "b.png"), "\u0089PNG");
    writeFileSync(join(documents, ".hidden"), "not wanted");
    writeFileSync(join(documents, "deeper", "c.md"), "# The first\n\nwords\n");
    const { code, stdout, stderr } = await run("run", documents, "--out", out);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^1 done, 1 refused, 1 repeated$/m);
    const { items } = JSON.parse(stdout);
    assert.deepEqual(
      items.map(({ filename, state }: { filename: string; state: string }) => [filename, state]),
      [
        ["a.md", "done"],
        ["b.png", "refused"],
        ["c.md", "repeated"],
      ],
    );
    assert.deepEqual(JSON.parse(readFileSync(join(out, "batch.json"), "utf8")), JSON.parse(stdout));
    const memo = JSON.parse(readFileSync(join(out, "0001-a.md", "memo.json"), "utf8"));
    assert.equal(memo.title.text, "The first");
    assert.deepEqual(readdirSync(out).sort(), ["0001-a.md", "batch.json"]);
  });

  test("prints why a run failed", slow, async () => {
    const file = join(REPOSITORY, "golden", "corpus", "harbour-log.md");
    await using receiver = await startWebhookReceiver();
    receiver.expect((response) => void response.writeHead(410).end());
    const { code, stderr } = await runProgram(["run", file], {
      database: service.database,
      env: webhookTo(receiver),
    });
    assert.equal(code, 4);
    assert.match(stderr, /^The run ended in error: FAILED_EFFECT\. The receiver/m);
  });

  test("writes its whole output to a slow reader", slow, async () => {
    const psql = [
      ...programCommand(runnerUnderTest()),
      "psql",
      "-At",
      "-c",
      "\"select repeat('x', 2000000)\"",
    ];
    // Longer than the program waits for work that goes on when it has answered.
    const line = `PATH=/nowhere:\${PATH%%:*} ${psql.join(" ")} | (/usr/bin/sleep 4; /usr/bin/wc -c)`;
    const { stdout } = await runCommand(["bash", "-c", line], {
      env: { DBOS_SYSTEM_DATABASE_URL: service.database.url },
    });
    assert.equal(stdout.trim(), "2000001");
  });

  test("ends silently when its reader is gone, and with a message when there is no room", slow, async () => {
    const env = { DBOS_SYSTEM_DATABASE_URL: service.database.url };
    const list = [...programCommand(runnerUnderTest()), "list"].join(" ");
    const shell = (line: string) => runCommand(["bash", "-c", line], { env });
    assert.deepEqual(await shell(`${list} | true; exit \${PIPESTATUS[0]}`), {
      code: 141,
      stdout: "",
      stderr: "",
    });
    const full = await shell(`${list} > /dev/full`);
    assert.deepEqual([full.code, full.stderr], [1, "jejakekal: the answer cannot be written (ENOSPC)."]);
  });

  test("does not reset a database with other schemas unless forced", slow, async () => {
    await using database = await cloneDatabase();
    await database.query("create table payroll ()");
    const refused = await runProgram(["reset"], { database });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /holds what is not jejakekal's \(payroll\)/);
    await database.query("select from payroll");
    assert.equal((await runProgram(["reset", "--force"], { database })).code, 0);
    await assert.rejects(database.query("select from payroll"), /payroll/);
    assert.equal((await runProgram(["reset"], { database })).code, 0);
  });

  test("shows where the database is, and none of its secrets", slow, async () => {
    const url = new URL(service.database.url);
    url.searchParams.set("password", url.password);
    const { code, stdout, stderr } = await runProgram(["up"], { database: { url: url.href } });
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).url, /^postgres(ql)?:\/\/postgres@127[^?]+$/);
    assert.ok(url.password !== "" && !(stdout + stderr).includes(url.password));
  });

  test("prints the environment in which psql and DBOS's command line reach the database", {
    timeout: 180_000,
  }, async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, "a 'home' of mine");
    const env = {
      DBOS_SYSTEM_DATABASE_URL: "",
      JEJAKEKAL_HOME: home,
      JEJAKEKAL_PGPORT: String(await findFreePort()),
    };
    const [program = "", ...args] = programCommand(runnerUnderTest());
    const shell = (script: string) =>
      runCommand(
        [
          "bash",
          "-c",
          `jejakekal() { "$PROGRAM" ${args.map((arg) => `'${arg}'`).join(" ")} "$@"; }; ${script}`,
        ],
        {
          env: { ...env, PROGRAM: program },
        },
      );
    const up = await shell("jejakekal up");
    assert.equal(up.code, 0, up.stderr);
    try {
      const { url, passfile } = JSON.parse(up.stdout);
      assert.match(readFileSync(passfile, "utf8"), /^127\.0\.0\.1:/);
      const dbos = join(REPOSITORY, "node_modules", ".bin", "dbos");
      const listed = await shell(
        `e=$(jejakekal env) && eval "$e" && '${dbos}' workflow list -s '${url}'; echo "$e" >&2`,
      );
      assert.deepEqual([listed.code, JSON.parse(listed.stdout)], [0, []], listed.stderr);
      assert.match(listed.stderr, /PGPASSFILE=/);
      assert.doesNotMatch(listed.stderr, /PGPASSWORD/);
    } finally {
      await shell("jejakekal down");
    }
  });

  test("reports a database that cannot work in one line, without a stack trace", {
    timeout: 180_000,
  }, async () => {
    const runId = await startRun(service.url, { source: "# Not cancelled", sleepMs: 60_000 });
    const { database } = service;
    // As Postgres answers when its disk is full, when it is shut down, and when its disk fails.
    for (const [sqlstate, message] of [
      ["53100", "could not extend file: No space left on device"],
      ["57P01", "terminating connection due to administrator command"],
      ["58030", "could not read block: Input/output error"],
    ]) {
      await database.query(
        `create or replace function fail() returns trigger language plpgsql as $$
           begin raise exception using errcode = '${sqlstate}', message = '${message}'; end $$`,
      );
      await database.query(
        "create trigger fail before insert on jejakekal.run_event execute function fail()",
      );
      const { code, stderr } = await run("cancel", runId);
      await database.query("drop trigger fail on jejakekal.run_event");
      assert.equal(code, 1, stderr);
      assert.doesNotMatch(stderr.trim(), /\n/);
      assert.match(stderr, /database|no room/i);
    }
    const url = "postgresql://nobody@127.0.0.1:1/x";
    const away = await runProgram(["list"], { database: { url } });
    assert.deepEqual(
      [away.code, /^jejakekal: [^\n]+ECONNREFUSED[^\n]+$/.test(away.stderr)],
      [1, true],
      away.stderr,
    );
    await request(`${service.url}/runs/${runId}/cancel`, { method: "POST" });
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
