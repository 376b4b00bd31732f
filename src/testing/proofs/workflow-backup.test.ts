import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { completeRun, request, startRun, waitForEnd } from "../../client.ts";
import { pollUntil } from "../../poll.ts";
import { startChild } from "../child.ts";
import { cloneDatabase, emptyDatabase, type TestDatabase } from "../database.ts";
import { temporaryFolder } from "../paths.ts";
import { runProgram, startProgram } from "../program.ts";
import { programCommand, runnerUnderTest } from "../runner.ts";
import { endSleep, startAsleep } from "../sleeping-run.ts";

const slow = { timeout: 240_000 };

describe("a backup", () => {
  test(
    "that is made while runs go on is of one moment, and its runs continue and export alike elsewhere",
    slow,
    async () => {
      using folder = temporaryFolder();
      const file = join(folder.path, "all.backup");
      await using here = await cloneDatabase();
      await using there = await emptyDatabase();
      await using service = await startProgram({ database: here });
      const done = await completeRun(service.url, { source: "# Moved\n\nA line of 12 words.\n" });
      const asleep = await startAsleep(service.url, { source: "# Asleep" });
      const starts = Promise.all([1, 2, 3].map((n) => startRun(service.url, { source: `# Meanwhile ${n}` })));
      const backedUp = await runProgram(["backup", file], { database: here });
      await starts;
      assert.equal(backedUp.code, 0, backedUp.stderr);
      assert.equal(JSON.parse(backedUp.stdout).bytes, readFileSync(file).length);

      const restored = await runProgram(["restore", file], { database: there });
      assert.equal(restored.code, 0, restored.stderr);
      assert.equal(JSON.parse(restored.stdout).runs, JSON.parse(backedUp.stdout).runs);
      await endSleep(there, asleep);
      await using elsewhere = await startProgram({ database: there });
      const [torn] = await there.query(
        `select (select count(*)::int from jejakekal.run r where not exists
                 (select from dbos.workflow_status w where w.workflow_uuid = r.run_id)) as runs,
              (select count(*)::int from jejakekal.artifact a where not exists
                 (select from jejakekal.blob b where b.sha256 = a.sha256)) as artifacts`,
      );
      assert.deepEqual(torn, { runs: 0, artifacts: 0 });
      assert.equal((await waitForEnd(elsewhere.url, asleep)).dbos_status, "SUCCESS");
      const path = `/runs/${done.run_id}/bundle.zip`;
      const [before, after] = [await request(service.url + path), await request(elsewhere.url + path)];
      assert.deepEqual([before.status, after.status], [200, 200]);
      assert.ok(Buffer.from(before.bytes).equals(after.bytes), "the bundles are equal");
      await assert.rejects(there.query("delete from jejakekal.run"), "the triggers work again");
      await completeRun(elsewhere.url, { source: "# Numbers of sequences are not used twice" });

      const refused = await runProgram(["restore", file, "--force"], { database: there });
      assert.deepEqual([refused.code, /is in use/.test(refused.stderr)], [1, true], refused.stderr);
      const full = await runProgram(["restore", file], { database: there });
      assert.deepEqual([full.code, /holds runs/.test(full.stderr)], [1, true], full.stderr);
    },
  );

  test("that is altered is refused, and one that is killed leaves what was there", slow, async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "all.backup");
    await using here = await cloneDatabase();
    await using control = await cloneDatabase();
    await makeToken(here, 1);
    const backedUp = await runProgram(["backup", file], { database: here });
    assert.equal(backedUp.code, 0, backedUp.stderr);
    const whole = readFileSync(file);

    const altered = join(folder.path, "altered.backup");
    for (const bytes of [flipped(whole, whole.length >> 1), whole.subarray(0, -1), Buffer.from("PK")]) {
      writeFileSync(altered, bytes);
      const { code, stderr } = await runProgram(["restore", altered], { database: here });
      assert.deepEqual([code, /sha256 is wrong|is no backup/.test(stderr)], [1, true], stderr);
    }

    // The lock stops the backup at a table in the middle of the file.
    const hasDraft = () => readdirSync(folder.path).some((name) => name.endsWith(".part"));
    const session = await here.connect();
    await session.query("begin; lock table jejakekal.token in access exclusive mode");
    await killWhen(["backup", file], here, hasDraft);
    await session.query("rollback");
    assert.ok(readFileSync(file).equals(whole));
    await makeToken(here, 2);
    await session.end();
    assert.equal((await runProgram(["backup", file], { database: here })).code, 0);
    assert.deepEqual(readdirSync(folder.path).sort(), ["all.backup", "altered.backup"]);
    writeFileSync(altered, whole);

    const name = new URL(here.url).pathname.slice(1);
    const databases = async () =>
      (
        await control.query<{ datname: string }>(
          "select datname from pg_database where starts_with(datname, $1) order by 1",
          [name],
        )
      ).map(({ datname }) => datname.slice(name.length));
    await killWhen(["restore", altered], here, async () => (await databases()).includes("_restore"));
    assert.deepEqual(await databases(), ["", "_restore"]);
    assert.equal(await countTokens(here), 2);
    const restored = await runProgram(["restore", altered], { database: here });
    assert.equal(restored.code, 0, restored.stderr);
    assert.deepEqual(await databases(), [""]);
    assert.equal(await countTokens(here), 1);

    await withSession(here, "alter table jejakekal.token add column of_another_program text");
    assert.equal((await runProgram(["backup", file], { database: here })).code, 0);
    const failed = await runProgram(["restore", file, "--force"], { database: here });
    assert.deepEqual([failed.code, /of_another_program/.test(failed.stderr)], [1, true], failed.stderr);
    assert.deepEqual(await databases(), [""]);
  });
});

/** Starts a subcommand and sends it SIGKILL when `isReady`. */
async function killWhen(
  args: readonly string[],
  database: TestDatabase,
  isReady: () => boolean | Promise<boolean>,
): Promise<void> {
  using folder = temporaryFolder();
  await using child = startChild([...programCommand(runnerUnderTest()), ...args], {
    DBOS_SYSTEM_DATABASE_URL: database.url,
    JEJAKEKAL_HOME: folder.path,
  });
  await pollUntil(`${args[0]} is half-way`, isReady, { timeoutMs: 60_000, intervalMs: 5 });
  child.signal("SIGKILL");
  await child.exited;
}

/** Uses a session that ends at once, because a restore refuses a database with sessions. */
async function withSession<Row>(database: TestDatabase, sql: string): Promise<Row[]> {
  const session = await database.connect();
  try {
    return (await session.query(sql)).rows;
  } finally {
    await session.end();
  }
}

async function makeToken(database: TestDatabase, number: number): Promise<void> {
  const { code, stderr } = await runProgram(["token", "new", `token-${number}`, "--scope", "read"], {
    database,
  });
  assert.equal(code, 0, stderr);
}

async function countTokens(database: TestDatabase): Promise<number | undefined> {
  const [row] = await withSession<{ count: number }>(
    database,
    "select count(*)::int as count from jejakekal.token",
  );
  return row?.count;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return copy;
}
