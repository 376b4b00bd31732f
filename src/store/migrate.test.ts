import assert from "node:assert/strict";
import { test } from "node:test";
import { StartFailure } from "../failure.ts";
import { cloneDatabase } from "../testing/database.ts";
import { runProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";
import { migrateThen } from "./migrate.ts";

const LATER = "insert into jejakekal.migration (name) values ('9998-later'), ('9999-later-still')";

test(
  "a database that a newer version migrated is refused, unchanged and before anything is launched",
  slow,
  async () => {
    await using database = await cloneDatabase();
    await database.query(LATER);
    const tables =
      "select count(*)::int as count from information_schema.tables where table_schema = 'jejakekal'";
    const before = await database.query(tables);
    await assert.rejects(
      migrateThen(database.url, async () => assert.fail("it was launched")),
      (error: unknown) =>
        error instanceof StartFailure &&
        /newer version.*\(9998-later, 9999-later-still\)/.test(error.message),
    );
    assert.deepEqual(await database.query(tables), before);
  },
);

test("each subcommand that needs the database then ends with one line that says so", slow, async () => {
  await using database = await cloneDatabase();
  await database.query(LATER);
  for (const args of [["api"], ["list"]]) {
    const { code, stderr } = await runProgram(args, { database, env: { API_PORT: "0" } });
    const lines = stderr.split("\n").filter((line) => line !== "");
    assert.equal(code, 1, `${args}: ${stderr}`);
    assert.equal(lines.length, 1, stderr);
    assert.match(
      lines[0] ?? "",
      /migrated by a newer version of this program \(9998-later, 9999-later-still\)/,
    );
  }
});

test("a database that is up to date is left as it is, and launched on", slow, async () => {
  await using database = await cloneDatabase();
  const before = await database.query("select * from jejakekal.migration order by name");
  assert.equal(await migrateThen(database.url, async () => "launched"), "launched");
  assert.deepEqual(await database.query("select * from jejakekal.migration order by name"), before);
});
