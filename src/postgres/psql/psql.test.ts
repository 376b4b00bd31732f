import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { StartFailure } from "../../failure.ts";
import { ensureRunning } from "../server/ensure-running.ts";
import { makeHome, withServer } from "../server/test-support.ts";
import { runPsql, toPsqlEnvironment } from "./psql.ts";
import { splitStatements } from "./split.ts";
import { displayWidth, formatTable } from "./table.ts";

const NO_PSQL = { PATH: "/nonexistent" };

async function runBuiltIn(args: readonly string[], url: string, input = "") {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runPsql(args, url, NO_PSQL, { stdin: Readable.from([input]), stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

function runReal(args: readonly string[], url: string, input = "") {
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...toPsqlEnvironment(url) };
  const { stdout, stderr } = spawnSync("psql", ["-X", ...args], { env, input, encoding: "utf8" });
  return { stdout, stderr };
}

const hasPsql = spawnSync("psql", ["--version"], { stdio: "ignore" }).status === 0;

const QUERIES = [
  "select 1 as a, 'x' as bbb, null as n, 1.5::numeric as num, true as b, 7::bigint, 1::money, 5::oid",
  "select",
  "select from generate_series(1, 3)",
  "select where false",
  "select 1 as one, 'x' as two where false",
  "select E'a\\nbb' as x, E'1\\n2\\n3' as \"y\nz\", 5 as k, ''",
  "select 5 as k, E'a\\nbb\\n' as x",
  "select E'1\\n22' as x, 12345678 as wide_number",
  "select E'a\\tb' t, E'\\x01\\x7f' c, E'a\\rb' r, '漢字é' w, E'e\\u0301' k, '😀' e, 'x' z",
  'select \'x\' as "a header longer than all values", 1 as "漢字 漢字 漢字"',
  "create temp table t(a int); insert into t values (1), (2); update t set a = 3 returning a; delete from t; table t",
  "select array[1, 2], '{\"a\": 1}'::jsonb, now() is null, interval '1 day', '\\xff'::bytea",
  "copy (select 1, null, 'x') to stdout",
  "show max_connections",
  "begin; select 1; commit",
  "explain (costs off) select 1",
  "",
  "select nope",
  "select 1 / 0",
  "select 'the quick brown fox jumped over the lazy dog', 'and over again' , nope , 'the quick brown fox'",
  "select nope, 'the quick brown fox jumped over the lazy dog', 'and over again', 'the quick brown fox'",
  "select 1;\nselect 2,\n\tnope\nfrom x",
  "do $$ begin raise notice 'hi %', 1; raise exception 'boo' using detail = 'dd', hint = 'hh'; end $$",
  "do $$ begin perform nope; end $$",
  "select 'unterminated",
];

test("the built-in client prints what psql prints, byte for byte", {
  ...withServer,
  skip: !hasPsql,
}, async (t) => {
  const server = await ensureRunning(await makeHome(t));
  for (const flags of [[], ["-t"], ["-A"], ["-At"], ["-q"]]) {
    // Each flag changes how any result is laid out; the errors need only one of them.
    for (const query of flags.length === 0 ? QUERIES : QUERIES.slice(0, 12)) {
      const { stdout, stderr } = await runBuiltIn([...flags, "-c", query], server.databaseUrl);
      assert.deepEqual(
        { query, flags, stdout, stderr },
        { query, flags, ...runReal([...flags, "-c", query], server.databaseUrl) },
      );
    }
  }
  const script =
    "select 1;\n-- a comment; really\nselect 'a;b', $x$ ; $x$;\n/* ; /* ; */ */ select nope;\nselect 2";
  const { stdout, stderr, code } = await runBuiltIn([], server.databaseUrl, script);
  assert.deepEqual({ stdout, stderr }, runReal([], server.databaseUrl, script));
  assert.equal(code, 1);
  assert.equal(
    (await runBuiltIn(["-Atc", "select 1", "-c", "select 2"], server.databaseUrl)).stdout,
    "1\n2\n",
  );
  await server.release();
});

test("what the built-in client does not do gives one line that says what it takes", async () => {
  for (const args of [["--nonsense"], ["-x"], ["-f", "file"], ["-c", "\\d"], ["somedb"]]) {
    await assert.rejects(runBuiltIn(args, "postgresql://u@127.0.0.1:1/x"), (error) => {
      assert.ok(error instanceof StartFailure, String(error));
      assert.match(error.message, /^[^\n]*psql on PATH[^\n]*$/);
      return true;
    });
  }
});

test("a server that does not answer gives psql's exit code 2", async () => {
  const { code, stderr } = await runBuiltIn(["-c", "select 1"], "postgresql://u@127.0.0.1:1/x");
  assert.equal(code, 2);
  assert.match(stderr, /^psql: error: .+\n$/);
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
});

test("statements end at semicolons outside of quotes, comments, brackets and function bodies", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["  -- nothing\n", []],
    ["select 1; select 2", ["select 1;", "select 2"]],
    [
      "select ';', \";\", E'\\';', $$;$$, $a$;$$;$a$;x",
      ["select ';', \";\", E'\\';', $$;$$, $a$;$$;$a$;", "x"],
    ],
    ["select 'it''s;' ; y", ["select 'it''s;' ;", "y"]],
    ["select $1; z", ["select $1;", "z"]],
    ["/* a; /* b; */ c; */ select 1;", ["/* a; /* b; */ c; */ select 1;"]],
    ["create rule r as do (a; b); c", ["create rule r as do (a; b);", "c"]],
    [
      "create function f() begin atomic select case when a then b end; end; d",
      ["create function f() begin atomic select case when a then b end; end;", "d"],
    ],
    ["begin; select 1; end; x", ["begin;", " select 1;", "end;", "x"].map((part) => part.trim())],
    ["select 'never closed; a", ["select 'never closed; a"]],
  ];
  for (const [script, statements] of cases) assert.deepEqual(splitStatements(script), statements);
});

test("a wide table of three hundred thousand rows is laid out without running out of stack", () => {
  const rows = Array.from({ length: 300_000 }, (_, index) => [String(index)]);
  const printed = formatTable(
    { columns: [{ name: "n", typeId: 23 }], rows },
    { isUnaligned: false, isTuplesOnly: false },
  );
  assert.ok(printed.endsWith(" 299999\n(300000 rows)\n\n"));
});

test("width counts terminal columns: combining marks none, East Asian characters two", () => {
  assert.deepEqual(["", "abc", "é", "e\u0301", "漢字", "ﾊ"].map(displayWidth), [0, 3, 1, 1, 4, 1]);
});

test("psql on PATH gets the arguments and the database, and its exit code comes back", {
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
