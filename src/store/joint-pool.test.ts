import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type pg from "pg";
import { pollUntil } from "../poll.ts";
import { cloneDatabase } from "../testing/database.ts";
import { JointPool, type Write } from "./joint-pool.ts";

/** How DBOS records something: in a transaction of its own, which it does not end when it was told that none has begun. */
async function record(pool: pg.Pool, text: string) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    try {
      await client.query("insert into said (word) values ($1)", [text]);
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    }
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}

const say =
  (word: string): Write<unknown> =>
  (db) =>
    db.query("insert into said (word) values ($1)", [word]);

async function open(): Promise<
  { pool: JointPool; words(): Promise<string[]>; kill(): Promise<void> } & AsyncDisposable
> {
  const undo = new AsyncDisposableStack();
  const database = undo.use(await cloneDatabase());
  await database.query("create table said (id serial, word text unique)");
  const pool = new JointPool({
    url: database.url,
    serverId: undefined,
    poolSize: 2,
    log: { databaseTrouble: () => undefined },
  });
  undo.defer(() => pool.close());
  return {
    pool,
    words: async () =>
      (await database.query<{ word: string }>("select word from said order by id")).map(({ word }) => word),
    /** Ends the sessions of the pool, as a crash of the server would. */
    kill: async () => {
      await database.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where datname = current_database() and application_name = 'jejakekal engine'`,
      );
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

describe("a write that is joined by a record of the engine's", () => {
  test("is committed with it, and nobody sees one without the other", async () => {
    await using said = await open();
    await said.pool.jointly(async (write) => {
      await write(say("ours"));
      assert.deepEqual(await said.words(), []);
      await record(said.pool, "theirs");
      assert.deepEqual(await said.words(), ["ours", "theirs"]);
      await record(said.pool, "theirs, later");
    });
    assert.deepEqual(await said.words(), ["ours", "theirs", "theirs, later"]);
  });

  test("is undone when nothing is recorded, when another takes its place, and when it fails", async () => {
    await using said = await open();
    await said.pool.jointly((write) => write(say("unrecorded")));
    await said.pool.jointly(async (write) => {
      await write(say("first attempt"));
      await assert.rejects(write((db) => db.query("no sql")));
      await write(say("second attempt"));
      await record(said.pool, "theirs");
    });
    await Promise.all([record(said.pool, "one"), record(said.pool, "two")]);
    const [first, second, ...others] = await said.words();
    assert.deepEqual([first, second, others.sort()], ["second attempt", "theirs", ["one", "two"]]);
  });

  test("is undone when the record fails, and is written again when the engine tries again", async () => {
    await using said = await open();
    await record(said.pool, "taken");
    await said.pool.jointly(async (write) => {
      await write(say("ours"));
      await assert.rejects(record(said.pool, "taken"));
      assert.deepEqual(await said.words(), ["taken"]);
      await record(said.pool, "theirs");
    });
    assert.deepEqual(await said.words(), ["taken", "ours", "theirs"]);
  });

  test("is written again, on another connection, when its own breaks before the record is made", async () => {
    await using said = await open();
    await said.pool.jointly(async (write) => {
      await write(say("ours"));
      await said.kill();
      await pollUntil("the record is made", () => record(said.pool, "theirs").then(() => true));
    });
    assert.deepEqual(await said.words(), ["ours", "theirs"]);
  });

  test("keeps the record from being made when it fails the second time, and harms no connection", async () => {
    await using said = await open();
    await record(said.pool, "taken");
    let times = 0;
    await said.pool.jointly(async (write) => {
      await write((db) => say(++times === 1 ? "ours" : "taken")(db));
      await said.kill();
      await pollUntil("it is tried on another connection", () =>
        record(said.pool, "theirs").then(
          () => assert.fail("recorded without ours"),
          (error) => /said_word_key/.test(String(error)),
        ),
      );
    });
    await Promise.all([record(said.pool, "one"), record(said.pool, "two")]);
    assert.deepEqual((await said.words()).sort(), ["one", "taken", "two"]);
  });

  test("is not taken for committed by another transaction of a connection on which it failed", async () => {
    await using said = await open();
    await record(said.pool, "taken");
    await said.pool.jointly(async (write) => {
      await write(say("ours"));
      await assert.rejects(record(said.pool, "taken"));
      await assert.rejects(record(said.pool, "taken"));
      const client = await said.pool.connect();
      await client.query("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY");
      await client.query("COMMIT");
      client.release();
      await record(said.pool, "theirs");
    });
    assert.deepEqual(await said.words(), ["taken", "ours", "theirs"]);
  });

  test("is read committed, whatever the default of the database is", async () => {
    await using said = await open();
    await said.pool.query(`do $$ begin
      execute format('alter database %I set default_transaction_isolation = %L', current_database(), 'repeatable read');
    end $$`);
    await said.pool.jointly(async (write) => {
      const { rows } = await write((db) => db.query("show transaction_isolation"));
      assert.deepEqual(rows, [{ transaction_isolation: "read committed" }]);
    });
  });

  test("is not joined by what only reads, nor by another caller's record", async () => {
    await using said = await open();
    await Promise.all([
      said.pool.jointly(async (write) => {
        await write(say("of the one"));
        await record(said.pool, "by the one");
      }),
      record(said.pool, "by the other"),
    ]);
    await said.pool.jointly(async (write) => {
      await write(say("unrecorded"));
      await said.pool.query("select 1");
    });
    assert.deepEqual((await said.words()).sort(), ["by the one", "by the other", "of the one"]);
  });
});
