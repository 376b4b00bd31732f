import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { StartFailure } from "../../failure.ts";
import { SERVER_ENV } from "./cluster.ts";
import { down } from "./database-location.ts";
import { ensureRunning } from "./ensure-running.ts";
import { commandLineOf, listPids } from "./processes.ts";
import {
  askFor,
  canBeSomebody,
  type Home,
  makeHome,
  SOMEBODY,
  startProgram,
  waitUntil,
  withServer,
} from "./test-support.ts";

const REPOSITORY = new URL("../../..", import.meta.url).pathname;

/** What a process of `user` gets for a connection as postgres with this password: `connected`, or the SQLSTATE. */
function connectAs(user: { uid: number; gid: number } | null, port: number, password: string): string {
  const script = `const { Client } = require("pg");
    const client = new Client({ host: "127.0.0.1", port: ${port}, user: "postgres", database: "postgres", password: ${JSON.stringify(password)} });
    client.connect().then(() => client.end()).then(() => console.log("connected"), (error) => { console.log(error.code ?? error.message); process.exit(); });`;
  const { stdout } = spawnSync(process.execPath, ["-e", script], {
    cwd: REPOSITORY,
    encoding: "utf8",
    env: { PATH: process.env.PATH },
    ...user,
  });
  return stdout.trim();
}

function passwordOf(databaseUrl: string): string {
  return new URL(databaseUrl).password;
}

test("another user of the machine cannot connect without the password, nor read it", {
  ...withServer,
  skip: !canBeSomebody,
}, async (t) => {
  const home = await makeHome(t);
  const server = await ensureRunning(home);
  const password = passwordOf(server.databaseUrl);
  assert.equal(connectAs(SOMEBODY, home.port, "guess"), "28P01");
  assert.equal(connectAs(SOMEBODY, home.port, password), "connected");
  assert.equal(spawnSync("cat", [server.passFile], SOMEBODY).status, 1);
  assert.equal(statSync(server.passFile).mode & 0o777, 0o600);
  await server.release();
});

test("the password is on no command line and in no log", withServer, async (t) => {
  const home = await makeHome(t);
  const server = await ensureRunning(home);
  const password = passwordOf(server.databaseUrl);
  const commands = listPids().map(commandLineOf);
  assert.ok(commands.some((command) => command.includes(home.home)));
  assert.ok(commands.every((command) => !command.includes(password)));
  assert.ok(!readFileSync(server.serverHome.logFile, "utf8").includes(password));
  await server.release();
});

/** Makes the stopped cluster of a home what earlier versions left: no password, and access rules that trust everyone. */
function makeTrusting(home: Home): void {
  const { passFile, accessFile, dataDir } = home.serverHome();
  rmSync(passFile);
  rmSync(accessFile);
  writeFileSync(join(dataDir, "pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
}

/** Starts a server as earlier versions did. */
async function startTrusting(t: TestContext, home: Home): Promise<void> {
  const { root, dataDir, user } = home.serverHome();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", `port=${home.port}`];
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const file = join(root, `postgres-${home.binaries.version}`, "bin", "postgres");
  const child = spawn(file, ["-D", dataDir, ...flags], {
    env: SERVER_ENV,
    stdio: "ignore",
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  t.after(() => child.kill("SIGKILL"));
  await waitUntil(() => connectAs(null, home.port, "") === "connected");
}

test(
  "a cluster that trusted everyone gets a password at the next start, and keeps its data",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const first = await ensureRunning(home);
    await askFor(first.databaseUrl, "create table kept as select 42 as answer");
    await askFor(first.databaseUrl, "alter role postgres password null");
    await first.release();
    makeTrusting(home);
    const server = await ensureRunning(home);
    assert.notEqual(passwordOf(server.databaseUrl), passwordOf(first.databaseUrl));
    assert.equal(await askFor(server.databaseUrl, "select answer from kept"), "42");
    assert.equal(connectAs(null, home.port, "guess"), "28P01");
    assert.doesNotMatch(readFileSync(join(home.serverHome().dataDir, "pg_hba.conf"), "utf8"), /trust/);
    await server.release();
  },
);

test(
  "eight programs that upgrade a trusting cluster at once agree on the password",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    await (await ensureRunning(home)).release();
    makeTrusting(home);
    const programs = Array.from({ length: 8 }, () => startProgram(t, home));
    const attached = await Promise.all(programs.map((program) => program.attached));
    assert.equal(new Set(attached.map(({ databaseUrl }) => databaseUrl)).size, 1);
    await Promise.all(programs.map((program) => program.leave()));
  },
);

test(
  "a running server of an earlier version is used, and asks for the password after its next start",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    await (await ensureRunning(home)).release();
    makeTrusting(home);
    await startTrusting(t, home);
    const server = await ensureRunning(home);
    assert.equal(server.startedHere, false);
    assert.equal(await askFor(server.databaseUrl, "select 1"), "1");
    await server.release();
    const next = await ensureRunning(home);
    assert.equal(next.databaseUrl, server.databaseUrl, "programs that know the URL can go on");
    assert.equal(connectAs(null, home.port, "guess"), "28P01");
    await next.release();
  },
);

test(
  "a running server whose passfile was deleted is named, and gets a new password after a stop",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const server = await ensureRunning(home);
    await askFor(server.databaseUrl, "create table kept as select 42 as answer");
    rmSync(server.passFile);
    await assert.rejects(ensureRunning(home), (error) => {
      assert.ok(error instanceof StartFailure);
      assert.match(error.message, /does not take the password in .*pgpass: stop it with `jejakekal down`/);
      return true;
    });
    assert.equal(await down({ kind: "embedded", ...home }), "stopped");
    const next = await ensureRunning(home);
    assert.equal(await askFor(next.databaseUrl, "select answer from kept"), "42");
    await next.release();
    await server.release();
  },
);

const message = (type: string, body: Buffer) => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const authentication = (code: number) => message("R", Buffer.from([0, 0, 0, code]));

/** A program that listens on the port of a home and speaks the protocol of Postgres. Returns all that it receives. */
async function impersonate(
  t: TestContext,
  port: number,
  answer: (received: Buffer) => Buffer,
): Promise<() => string> {
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      received.push(chunk);
      socket.write(answer(chunk));
    });
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  t.after(() => server.close());
  return () => Buffer.concat(received).toString("latin1");
}

test(
  "a program that took the port and asks for the password in clear text does not get it",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const { databaseUrl, release } = await ensureRunning(home);
    await release();
    const received = await impersonate(t, home.port, () => authentication(3));
    await assert.rejects(ensureRunning(home), /Port \d+ is taken by another program/);
    assert.match(received(), /user\0postgres/);
    assert.ok(!received().includes(passwordOf(databaseUrl)));
  },
);

test(
  "a program that took the port and lets everyone in is not taken for the server",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    await (await ensureRunning(home)).release();
    const { dataDir } = home.serverHome();
    // It knows from `ps` what the server would answer, had it been killed.
    writeFileSync(join(dataDir, "postmaster.pid"), `999999\n${dataDir}\n1\n${home.port}\n`);
    const ready = message("Z", Buffer.from("I"));
    const column = (name: string, type: number) =>
      Buffer.concat([
        Buffer.from(`${name}\0`),
        Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, type, 255, 255, 255, 255, 255, 255, 0, 0]),
      ]);
    const cell = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
    const columns = [column("dir", 25), column("pid", 23), column("id", 25)];
    const row = [dataDir, "999999", "1"].map(cell);
    const count = Buffer.from([0, 3]);
    await impersonate(t, home.port, (received) =>
      received.toString("latin1", 0, 1) === "Q"
        ? Buffer.concat([
            message("T", Buffer.concat([count, ...columns])),
            message("D", Buffer.concat([count, ...row])),
            message("C", Buffer.from("SELECT 1\0")),
            ready,
          ])
        : Buffer.concat([authentication(0), ready]),
    );
    await assert.rejects(ensureRunning(home), /Port \d+ is taken by another Postgres/);
  },
);
