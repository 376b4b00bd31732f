import assert from "node:assert/strict";
import { describe, test } from "node:test";
import pg from "pg";
import { completeRun } from "../client.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase } from "./database.ts";
import { startProgram } from "./program.ts";
import { slow, useService } from "./service.ts";

describe("the test harness", () => {
  test("two clones share nothing", slow, async () => {
    await using one = await cloneDatabase();
    await using two = await cloneDatabase();
    await one.query("create table mark (id int)");
    const [found] = await two.query<{ mark: string | null }>("select to_regclass('mark')::text as mark");
    assert.equal(found?.mark, null);
  });

  test("a connection that is left open on a clone is found", slow, async () => {
    const database = await cloneDatabase();
    const leak = new pg.Client({ connectionString: database.url, application_name: "the leak" });
    leak.on("error", () => {});
    await leak.connect();
    await assert.rejects(
      async () => database[Symbol.asyncDispose](),
      /connections were left open .* the leak/,
    );
  });

  test("a program that is asked to stop exits with 0 and leaves no session behind", slow, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    await completeRun(program.url);
    assert.equal(await program.stop(), 0);
    // The server notices a client that has left within moments.
    await pollUntil("no session is left", async () => {
      const [row] = await database.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
          where datname = current_database() and application_name like 'jejakekal%'`,
      );
      return row?.count === 0;
    });
  });
});

describe("a service for a describe", () => {
  const service = useService();

  test("serves", slow, async () => {
    const run = await completeRun(service.url);
    assert.equal(run.status, "done");
  });
});
