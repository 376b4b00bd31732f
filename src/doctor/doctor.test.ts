import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { makeToken } from "../access/token.ts";
import { databaseLocation } from "../app.ts";
import { readConfig } from "../config.ts";
import { createSigningKey } from "../files/signing-key.ts";
import { findFreePort, findFreePorts } from "../free-port.ts";
import { ensureRunning, fromNodeModules } from "../postgres/index.ts";
import type { DatabaseFacts } from "../store/database-facts.ts";
import { createToken } from "../store/tokens.ts";
import { cloneDatabase, emptyDatabase } from "../testing/database.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";
import type { Check } from "./check.ts";
import { checksOf } from "./database.ts";
import { examine } from "./doctor.ts";
import { checkDisk, checkHome, checkRuntime, checkSigningKey } from "./machine.ts";
import { checkPorts } from "./ports.ts";

const LOOPBACK = { host: "127.0.0.1", isHostLoopback: true, isAnonymousAllowed: false };

const FACTS: DatabaseFacts = {
  serverVersion: "18.4",
  serverVersionNumber: 180_004,
  unsafeSettings: [],
  isReadOnly: false,
  mayCreate: true,
  unknownMigrations: [],
  missingMigrations: 0,
  validTokens: 0,
  clockOffsetMs: 3,
  clockUncertaintyMs: 1,
};

describe("what doctor says of the machine", () => {
  test("names a runtime that is too old, and what to use", () => {
    const results = [
      { node: "24.0.0" },
      { node: "22.9.0" },
      { node: "24.0.0", bun: "1.4.5" },
      { node: "24.0.0", bun: "1.2.9" },
    ];
    assert.deepEqual(
      results.map((versions) => checkRuntime(versions).result),
      ["passed", "failed", "passed", "failed"],
    );
    assert.match(checkRuntime({ node: "22.9.0" }).todo ?? "", /Node 24/);
  });

  test("names a folder that others may write to, and a password that they may read", async () => {
    using folder = temporaryFolder();
    assert.equal((await checkHome(folder.path)).result, "passed");
    assert.match((await checkHome(join(folder.path, "none", "yet"))).says, /not there yet/);
    assert.ok(!existsSync(join(folder.path, "none")));
    chmodSync(folder.path, 0o777);
    assert.equal((await checkHome(folder.path)).todo, `run chmod go-w ${folder.path}`);
    chmodSync(folder.path, 0o755);
    mkdirSync(join(folder.path, "postgres"));
    const passFile = join(folder.path, "postgres", "pgpass");
    writeFileSync(passFile, "");
    chmodSync(passFile, 0o644);
    assert.equal((await checkHome(folder.path)).todo, `run chmod 600 ${passFile}`);
  });

  test("names a disk with too little room, and the setting that leads to another one", async () => {
    using folder = temporaryFolder();
    const place = { home: folder.path, bundlesRoot: join(folder.path, "bundles"), databaseUrl: undefined };
    assert.equal((await checkDisk(place, 1)).result, "passed");
    assert.match((await checkDisk(place, Number.MAX_SAFE_INTEGER)).todo ?? "", /JEJAKEKAL_HOME/);
    const external = { ...place, databaseUrl: "postgres://u@h/d" };
    assert.match((await checkDisk(external, Number.MAX_SAFE_INTEGER)).todo ?? "", /JEJAKEKAL_BUNDLES_ROOT/);
  });

  test("names two settings that have the same port", async () => {
    const [check, ...rest] = await checkPorts(readConfig({ API_PORT: "4321", UI_PORT: "4321" }));
    assert.deepEqual(rest, []);
    assert.equal(check?.result, "failed");
    assert.equal(check?.says, "API_PORT and UI_PORT are both 4321");
    assert.equal(check?.todo, "set one of them to another port");
  });

  test("names a signing key that others may read", async () => {
    using folder = temporaryFolder();
    const { privateKeyPath } = await createSigningKey(join(folder.path, "key"));
    assert.equal((await checkSigningKey(privateKeyPath)).result, "passed");
    chmodSync(privateKeyPath, 0o644);
    assert.match((await checkSigningKey(privateKeyPath)).todo ?? "", /chmod 600/);
    assert.equal((await checkSigningKey(undefined)).result, "skipped");
  });
});

describe("what doctor says of the database", () => {
  const failedOf = (facts: Partial<DatabaseFacts>, settings = LOOPBACK) =>
    checksOf({ ...FACTS, ...facts }, settings).filter(({ result }) => result === "failed");

  test("nothing fails when all is well", () => {
    assert.deepEqual(failedOf({}), []);
  });

  for (const [what, facts, check, todo] of [
    ["a newer version", { unknownMigrations: ["0099-later"] }, "schema", /later one/],
    ["a server that may lose rows", { unsafeSettings: ["fsync = off"] }, "durability", /postgresql\.conf/],
    ["a clock that is ahead", { clockOffsetMs: 9_000 }, "clock", /NTP/],
    ["a clock that is behind", { clockOffsetMs: -9_000 }, "clock", /NTP/],
  ] as const) {
    test(`${what} fails, with what to do`, () => {
      const [first, ...rest] = failedOf(facts);
      assert.deepEqual(rest, []);
      assert.equal(first?.check, check);
      assert.match(first?.todo ?? "", todo);
    });
  }

  test("a slow answer is no wrong clock", () => {
    assert.deepEqual(failedOf({ clockOffsetMs: 9_000, clockUncertaintyMs: 8_500 }), []);
  });

  test("an address that others can reach needs a token, or the setting that allows all", () => {
    const open = { host: "0.0.0.0", isHostLoopback: false, isAnonymousAllowed: false };
    assert.match(failedOf({}, open)[0]?.todo ?? "", /token new/);
    assert.deepEqual(failedOf({ validTokens: 1 }, open), []);
    assert.deepEqual(failedOf({}, { ...open, isAnonymousAllowed: true }), []);
  });
});

describe("doctor", () => {
  test("passes on a machine without a database, and makes nothing", slow, async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, "home");
    const checks = await examineWith(home, { JEJAKEKAL_PGPORT: String(await findFreePort()) });
    assert.deepEqual(failuresOf(checks), []);
    assert.match(saysOf(checks, "database"), /not there yet/);
    assert.ok(!existsSync(home));
  });

  test("starts an embedded server that does not run, reads it, and stops it", slow, async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, "home");
    const port = await findFreePort();
    const server = await ensureRunning({ home, port, binaries: fromNodeModules() });
    const settings = { JEJAKEKAL_PGPORT: String(port) };
    const running = await examineWith(home, settings);
    await server.release();
    const stopped = await examineWith(home, settings);
    for (const checks of [running, stopped]) {
      assert.deepEqual(failuresOf(checks), []);
      assert.match(saysOf(checks, "database"), /^Postgres 18\.\d+ answers, the embedded one/);
    }
    assert.ok(!existsSync(join(home, "postgres", "data", "postmaster.pid")));
  });

  test(
    "says what a database of a newer version, a lost server and an unknown database are",
    slow,
    async () => {
      using folder = temporaryFolder();
      await using database = await cloneDatabase();
      await using empty = await emptyDatabase();
      const at = (url: string) => examineWith(folder.path, { DBOS_SYSTEM_DATABASE_URL: url });
      assert.deepEqual(failuresOf(await at(database.url)), []);
      assert.match(saysOf(await at(empty.url), "schema"), /first start makes the tables/);
      const missing = Object.assign(new URL(empty.url), { pathname: "/no_such_database" }).href;
      assert.match(saysOf(await at(missing), "database"), /not there yet/);
      await database.query("insert into jejakekal.migration (name) values ('0099-later')");
      assert.deepEqual(failuresOf(await at(database.url)), ["schema"]);
      const lost = `postgres://u:secret@127.0.0.1:${await findFreePort()}/x`;
      const checks = await at(lost);
      assert.deepEqual(failuresOf(checks), ["database"]);
      assert.doesNotMatch(JSON.stringify(checks), /secret/);
    },
  );

  test("counts the tokens that are valid where other machines can reach the program", slow, async () => {
    using folder = temporaryFolder();
    await using database = await cloneDatabase();
    const examineOpen = () =>
      examineWith(folder.path, { DBOS_SYSTEM_DATABASE_URL: database.url, JEJAKEKAL_HOST: "0.0.0.0" });
    assert.deepEqual(failuresOf(await examineOpen()), ["tokens"]);
    const session = await database.connect();
    await makeToken({ createToken: (token) => createToken(session, token) }, { name: "ann", scope: "admin" });
    assert.match(saysOf(await examineOpen(), "tokens"), /^1 valid/);
  });

  test("knows its own service on a port, and names another program", slow, async () => {
    using folder = temporaryFolder();
    await using database = await cloneDatabase();
    await using program = await startProgram({ database });
    const stranger = createServer((_, response) => response.end('{"ok":true,"version":"2"}'));
    const [uiPort = 0] = await findFreePorts(1);
    await new Promise<void>((listening) => stranger.listen(uiPort, "127.0.0.1", listening));
    const env = {
      DBOS_SYSTEM_DATABASE_URL: database.url,
      API_PORT: new URL(program.url).port,
      UI_PORT: String(uiPort),
    };
    try {
      const checks = await examineWith(folder.path, env);
      assert.match(saysOf(checks, "API_PORT"), /is that of jejakekal \d[\d.]*, node local, which is well$/);
      assert.deepEqual(failuresOf(checks), ["UI_PORT"]);
      assert.match(saysOf(checks, "UI_PORT"), new RegExp(`taken by \\S+ \\(pid ${process.pid}\\)`));
      const { code, stdout } = await runProgram(["doctor"], { database, env });
      assert.equal(code, 1);
      assert.equal(stdout.split("\n").length, checks.length);
      assert.match(
        stdout,
        /^✗ UI_PORT {4}port \d+ .*: stop what listens there, or set UI_PORT to a free port\.$/m,
      );
    } finally {
      stranger.close();
    }
  });

  test("has its result as JSON, and a setting that cannot be read as a check", slow, async () => {
    const database = { url: "" };
    const { code, stdout } = await runProgram(["doctor", "--json"], { database, env: { API_PORT: "many" } });
    assert.equal(code, 1);
    const { ok, checks } = JSON.parse(stdout);
    assert.equal(ok, false);
    assert.deepEqual(checks, [
      {
        check: "settings",
        result: "failed",
        says: 'API_PORT takes a port number from 0 to 65535 (0: any free one), and got "many"',
        todo: "set it to such a value, or unset it",
      },
    ]);
  });
});

function examineWith(home: string, env: Readonly<Record<string, string>>): Promise<readonly Check[]> {
  const config = readConfig({
    API_PORT: "0",
    UI_PORT: "0",
    JEJAKEKAL_HOME: home,
    JEJAKEKAL_BUNDLES_ROOT: join(home, "bundles"),
    ...env,
  });
  return examine(config, databaseLocation(config, fromNodeModules()));
}

function failuresOf(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ result }) => result === "failed").map(({ check }) => check);
}

function saysOf(checks: readonly Check[], name: string): string {
  return checks.find(({ check }) => check === name)?.says ?? "";
}
