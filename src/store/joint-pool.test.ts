import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type pg from "pg";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { type JointWrite, jointly, openJointPool } from "./joint-pool.ts";

/** How DBOS records something: in a transaction of its own, which it does not end when it was told that none has begun. */
async function record(pool: pg.Pool, text: string, { begin = "BEGIN ISOLATION LEVEL READ COMMITTED" } = {}) {
  const client = await pool.connect();
  try {
    await client.query(begin);
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
  (word: string): JointWrite =>
  (db) =>
    db.query("insert into said (word) values ($1)", [word]);

async function open(): Promise<{ pool: pg.Pool; words(): Promise<string[]> } & AsyncDisposable> {
  const undo = new AsyncDisposableStack();
  const database: TestDatabase = undo.use(await cloneDatabase());
  await database.query("create table said (id serial, word text unique)");
  const log = { databaseTrouble: () => undefined };
  const pool = openJointPool({ url: database.url, poolSize: 2, log });
  undo.defer(() => pool.end());
  const words = async () =>
    (await database.query<{ word: string }>("select word from said order by id")).map(({ word }) => word);
  return { pool, words, [Symbol.asyncDispose]: () => undo.disposeAsync() };
}

describe("a write that joins a record of the engine's", () => {
  test("is the first of its transaction, and is written once", async () => {
    await using said = await open();
    await jointly(async (join) => {
      join(say("ours"));
      await record(said.pool, "theirs");
      await record(said.pool, "theirs, later");
    });
    assert.deepEqual(await said.words(), ["ours", "theirs", "theirs, later"]);
  });

  test("is undone when the record fails, and is written again when it is made again", async () => {
    await using said = await open();
    await record(said.pool, "taken");
    await jointly(async (join) => {
      join(say("ours"));
      await assert.rejects(record(said.pool, "taken"));
      assert.deepEqual(await said.words(), ["taken"]);
      await record(said.pool, "theirs");
    });
    assert.deepEqual(await said.words(), ["taken", "ours", "theirs"]);
  });

  test("and fails keeps the record from being made, and leaves a connection that can be used", async () => {
    await using said = await open();
    await record(said.pool, "taken");
    await jointly(async (join) => {
      join(say("taken"));
      await assert.rejects(record(said.pool, "theirs"), /said_word_key/);
    });
    await Promise.all([record(said.pool, "one"), record(said.pool, "two")]);
    assert.deepEqual((await said.words()).sort(), ["one", "taken", "two"]);
  });

  test("joins no transaction that only reads, nor one of another caller", async () => {
    await using said = await open();
    await jointly(async (join) => {
      join(say("ours"));
      await assert.rejects(
        record(said.pool, "nothing", { begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY" }),
        /read-only/,
      );
    });
    await Promise.all([
      jointly(async (join) => {
        join(say("of the one"));
        await record(said.pool, "by the one");
      }),
      record(said.pool, "by the other"),
    ]);
    assert.deepEqual((await said.words()).sort(), ["by the one", "by the other", "of the one"]);
  });
});
