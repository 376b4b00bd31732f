import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { StartFailure } from "../../failure.ts";
import { ensureRunning } from "../server/ensure-running.ts";
import { makeHome, withServer } from "../server/test-support.ts";
import { toPsqlEnvironment } from "./environment.ts";
import { runPsql } from "./psql.ts";
import { displayWidth, formatTable } from "./table.ts";

const NO_PSQL = { PATH: "/nonexistent" };

async function runBuiltIn(args: readonly string[], url: string) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runPsql(args, url, NO_PSQL, { stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

function runReal(args: readonly string[], url: string) {
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...toPsqlEnvironment(url) };
  const { status, stdout, stderr } = spawnSync("psql", ["-X", ...args], { env, encoding: "utf8" });
  return { code: status, stdout, stderr };
}

const hasPsql = spawnSync("psql", ["--version"], { stdio: "ignore" }).status === 0;

const QUERIES = [
  "select 1 as a, 'x' as bbb, null as n, 1.5::numeric as num, true as b, 7::bigint, 1::money, 5::oid",
  "select 1 as one, 'x' as two where false",
  "select E'a\\nbb' as x, E'1\\n2\\n3' as \"y\nz\", 5 as k, ''",
  "select 5 as k, E'a\\nbb\\n' as x",
  "select E'1\\n22' as x, 12345678 as wide_number",
  "select E'a\\tb' t, E'\\x01\\x7f' c, E'a\\rb' r, '漢字é' w, E'e\\u0301' k, '😀' e, 'x' z",
  'select \'x\' as "a header longer than all values", 1 as "漢字 漢字 漢字"',
  "create temp table t(a int); insert into t values (1), (2); update t set a = 3 returning a; delete from t; table t",
  "select array[1, 2], '{\"a\": 1}'::jsonb, now() is null, interval '1 day', '\\xff'::bytea",
  "show max_connections",
  "begin; select 1; commit",
  "explain (costs off) select 1",
  "",
  "select 1; select nope",
  "select 1 / 0",
  "select 'the quick brown fox jumped over the lazy dog', 'and over again' , nope , 'the quick brown fox'",
  "select nope, 'the quick brown fox jumped over the lazy dog', 'and over again', 'the quick brown fox'",
  "select 1;\nselect 2,\n\tnope\nfrom x",
  "do $$ begin raise notice 'hi %', 1; raise exception 'boo' using detail = 'dd', hint = 'hh'; end $$",
  "select 'unterminated",
];

test("the built-in client prints what psql prints, byte for byte, and exits with its code", {
  ...withServer,
  skip: !hasPsql,
}, async (t) => {
  const server = await ensureRunning(await makeHome(t));
  const compare = async (...args: readonly string[]) => {
    const { databaseUrl } = server;
    assert.deepEqual(
      { args, ...(await runBuiltIn(args, databaseUrl)) },
      { args, ...runReal(args, databaseUrl) },
    );
  };
  for (const query of QUERIES) await compare("-c", query);
  await compare("-At", "-c", "select 1 as a, null, 'x|y' union all select 2, 'b', ''", "-c", "select 3");
  await compare("-c", "select 1", "-c", "select 2");
  await server.release();
});

test("a failed query gives exit code 1, and a server that does not answer gives 2", withServer, async (t) => {
  const server = await ensureRunning(await makeHome(t));
  const { code, stdout, stderr } = await runBuiltIn(
    ["-c", "select nope", "-c", "select 2"],
    server.databaseUrl,
  );
  assert.deepEqual([code, stdout], [1, " ?column? \n----------\n        2\n(1 row)\n\n"]);
  assert.match(stderr, /^ERROR: {2}column "nope" does not exist\nLINE 1: select nope\n {15}\^\n$/);
  await server.release();
  const absent = await runBuiltIn(["-c", "select 1"], "postgresql://u@127.0.0.1:1/x");
  assert.deepEqual([absent.code, /^psql: error: .+\n$/.test(absent.stderr)], [2, true]);
});

test("an argument that the built-in client does not take gives one line that says what it takes", async () => {
  for (const args of [[], ["--nonsense"], ["-x"], ["-A", "-c", "select 1"], ["-c", "\\d"], ["somedb"]]) {
    await assert.rejects(runBuiltIn(args, "postgresql://u@127.0.0.1:1/x"), (error) => {
      assert.ok(error instanceof StartFailure, String(error));
      assert.match(error.message, /^[^\n]*psql on PATH[^\n]*$/);
      return true;
    });
  }
});

test("a URL becomes libpq's variables, password and parameters included", () => {
  assert.deepEqual(toPsqlEnvironment("postgresql://me:p%40ss@db.example:6000/my%20db?sslmode=require&x=1"), {
    PGHOST: "db.example",
    PGPORT: "6000",
    PGUSER: "me",
    PGPASSWORD: "p@ss",
    PGDATABASE: "my db",
    PGSSLMODE: "require",
  });
  assert.equal(toPsqlEnvironment("postgres://me@[::1]:5432/db").PGHOST, "::1");
});

test("a table of three hundred thousand rows is printed without running out of stack", () => {
  const rows = Array.from({ length: 300_000 }, (_, index) => [String(index)]);
  const printed = formatTable([{ name: "n", typeId: 23 }], rows);
  assert.ok(printed.endsWith(" 299999\n(300000 rows)\n\n"));
});

test("width counts terminal columns: combining marks none, East Asian characters two", () => {
  assert.deepEqual(["", "abc", "é", "e\u0301", "漢字", "ﾊ"].map(displayWidth), [0, 3, 1, 1, 4, 1]);
});

test("psql on PATH gets the arguments and the database, and its exit code is returned", {
  ...withServer,
  skip: !hasPsql,
}, async (t) => {
  const server = await ensureRunning(await makeHome(t));
  const run = (sql: string) => {
    const script = `import { runPsql } from ${JSON.stringify(new URL("./psql.ts", import.meta.url).href)};
      const args = ["-XAtc", ${JSON.stringify(sql)}];
      process.exitCode = await runPsql(args, ${JSON.stringify(server.databaseUrl)}, process.env, process);`;
    const loader = process.versions.bun ? [] : ["--import", "tsx", "--input-type=module"];
    return spawnSync(process.execPath, [...loader, "-e", script], { encoding: "utf8" });
  };
  assert.equal(run("select current_database()").stdout, "jejakekal\n");
  assert.equal(run("select nope").status, 1);
  await server.release();
});
