import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StartFailure } from "../../failure.ts";
import { down, openDatabase, reset, up } from "./database-location.ts";
import { ensureRunning } from "./ensure-running.ts";
import { startServer } from "./postmaster.ts";
import { openServerHome } from "./server-home.ts";
import { askFor, askForPid, isGone, makeHome, startProgram, waitUntil, withServer } from "./test-support.ts";

function failsWith(...patterns: RegExp[]) {
  return (error: unknown) => {
    assert.ok(error instanceof StartFailure, String(error));
    assert.doesNotMatch(error.message, /\n/);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };
}

test(
  "a first start on an empty home gives an empty database of known settings, and the exit stops it",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const server = await ensureRunning(home);
    assert.equal(server.startedHere, true);
    const url = new RegExp(`^postgresql://postgres:[\\w-]{32}@127\\.0\\.0\\.1:${home.port}/jejakekal$`);
    assert.match(server.databaseUrl, url);
    const settings = `select concat_ws(' ', current_setting('server_encoding'), current_setting('fsync'),
    current_setting('listen_addresses'), current_setting('max_connections'), current_setting('TimeZone'),
    (select datlocprovider::text || datlocale from pg_database where datname = current_database()))`;
    assert.equal(await askFor(server.databaseUrl, settings), "UTF8 on 127.0.0.1 200 UTC bC.UTF-8");
    const pid = await askForPid(server.databaseUrl);
    await server.release();
    await server.release();
    assert.ok(isGone(pid));
  },
);

test(
  "two calls in one process share one server, which stops when the second is released",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const [first, second] = await Promise.all([ensureRunning(home), ensureRunning(home)]);
    assert.equal(Number(first.startedHere) + Number(second.startedHere), 1);
    const pid = await askForPid(first.databaseUrl);
    await first.release();
    assert.equal(await askForPid(second.databaseUrl), pid);
    await second.release();
    assert.ok(isGone(pid));
  },
);

test(
  "eight programs on an empty home all get the same server, and the last to leave stops it",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const programs = Array.from({ length: 8 }, () => startProgram(t, home));
    const attached = await Promise.all(programs.map((program) => program.attached));
    assert.equal(new Set(attached.map(({ pid }) => pid)).size, 1);
    assert.equal(attached.filter(({ startedHere }) => startedHere).length, 1);
    const codes = await Promise.all(programs.map((program) => program.leave()));
    assert.deepEqual(codes, Array(8).fill(0));
    assert.ok(isGone(attached[0]?.pid ?? 0));
    const names = readdirSync(home.serverHome().root).filter((name) => !name.startsWith("postgres-"));
    assert.deepEqual(names.sort(), ["data", "pg_hba.conf", "pgpass", "server.log"]);
  },
);

test(
  "a server survives SIGKILL of the program that started it, is reused, and stops with the next exit",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const program = startProgram(t, home);
    const { pid, databaseUrl } = await program.attached;
    await program.kill();
    assert.equal(await askForPid(databaseUrl), pid);
    const server = await ensureRunning(home);
    assert.equal(server.startedHere, false);
    assert.equal(await askForPid(server.databaseUrl), pid);
    await server.release();
    assert.ok(isGone(pid));
  },
);

test(
  "a process that is busy while it looks at the port finds it free all the same",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const starting = ensureRunning(home);
    // Longer than the port has time to answer.
    const until = performance.now() + 1_700;
    while (performance.now() < until);
    const server = await starting;
    assert.equal(server.startedHere, true);
    await server.release();
  },
);

test("a server that was killed is revived by the programs that use it", withServer, async (t) => {
  const home = await makeHome(t);
  const [one, two] = [await ensureRunning(home), await ensureRunning(home)];
  const killed = await askForPid(one.databaseUrl);
  process.kill(killed, "SIGKILL");
  await waitUntil(async () => (await askForPid(one.databaseUrl).catch(() => killed)) !== killed, 20_000);
  const revived = await askForPid(one.databaseUrl);
  const attached =
    "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted";
  const areBothBack = async () => (await askFor(one.databaseUrl, attached)) === "2";
  // At two moments: whoever revives it holds it twice for one of them.
  await waitUntil(areBothBack);
  await sleep(400);
  await waitUntil(areBothBack);
  await one.release();
  assert.equal(await askForPid(two.databaseUrl), revived, "both are attached to it again");
  await two.release();
  assert.ok(isGone(revived), "and the last to leave stops it");
});

test(
  "a server that was stopped on purpose is not started again by the programs that used it",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const server = await ensureRunning(home);
    await down({ kind: "embedded", ...home });
    // As long as it takes to look three times.
    await sleep(1_000);
    await assert.rejects(askForPid(server.databaseUrl));
    await server.release();
  },
);

test("an attached program can exit at any time", withServer, async (t) => {
  const home = await makeHome(t);
  const program = startProgram(t, home, { mode: "idle" });
  await program.attached;
  program.child.stdin?.destroy();
  assert.equal(await program.exited, 0);
});

test("a program that exits leaves the server running for other attached programs", withServer, async (t) => {
  const home = await makeHome(t);
  const program = startProgram(t, home);
  const { pid, databaseUrl } = await program.attached;
  const server = await ensureRunning(home);
  await server.release();
  assert.equal(await askForPid(databaseUrl), pid);
  assert.equal(await program.leave(), 0);
  assert.ok(isGone(pid));
});

test(
  "up keeps the server after every program has left, and down stops it whoever uses it",
  withServer,
  async (t) => {
    const home = { kind: "embedded", ...(await makeHome(t)) } as const;
    const { databaseUrl, startedHere } = await up(home);
    assert.equal(startedHere, true);
    const pid = await askForPid(databaseUrl);
    const database = await openDatabase(home);
    await database.release();
    assert.equal(await askForPid(databaseUrl), pid);
    const program = startProgram(t, home);
    await program.attached;
    assert.equal(await down(home), "stopped");
    assert.ok(isGone(pid));
    assert.equal(await down(home), "not-running");
    assert.equal(await program.leave(), 0);
  },
);

test(
  "a program whose server was stopped and started again is attached to the new one",
  withServer,
  async (t) => {
    const home = { kind: "embedded", ...(await makeHome(t)) } as const;
    const program = startProgram(t, home);
    const { databaseUrl } = await program.attached;
    await down(home);
    const server = await ensureRunning(home);
    await waitUntil(async () => (await countAttached(databaseUrl)) === 2);
    const pid = await askForPid(databaseUrl);
    await server.release();
    assert.equal(await askForPid(databaseUrl), pid);
    assert.equal(await program.leave(), 0);
    assert.ok(isGone(pid));
  },
);

async function countAttached(url: string): Promise<number> {
  return Number(await askFor(url, "select count(*) from pg_locks where locktype = 'advisory' and granted"));
}

test(
  "after SIGKILL of the server itself the next start recovers it from its stale pid file",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const first = await ensureRunning(home);
    await askFor(first.databaseUrl, "create table kept as select 42 as answer");
    const pid = await askForPid(first.databaseUrl);
    process.kill(pid, "SIGKILL");
    const second = await ensureRunning(home);
    assert.equal(await askFor(second.databaseUrl, "select answer from kept"), "42");
    assert.notEqual(await askForPid(second.databaseUrl), pid);
    await first.release();
    await second.release();
  },
);

test(
  "a pid file whose pid now belongs to a stranger does not keep the server from starting",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    await (await ensureRunning(home)).release();
    const { dataDir } = home.serverHome();
    writeFileSync(
      join(dataDir, "postmaster.pid"),
      `${process.ppid}\n${dataDir}\n1700000000\n${home.port}\n\n127.0.0.1\n\nready   \n`,
    );
    const server = await ensureRunning(home);
    assert.equal(server.startedHere, true);
    assert.deepEqual(
      readdirSync(dataDir).filter((name) => name.includes("stale")),
      [],
    );
    await server.release();
  },
);

test("an incomplete data folder is moved aside and created again", withServer, async (t) => {
  const home = await makeHome(t);
  const { dataDir, root } = home.serverHome();
  mkdirSync(join(dataDir, "base", "1"), { recursive: true });
  writeFileSync(join(dataDir, "PG_VERSION"), "18\n");
  const server = await ensureRunning(home);
  assert.ok(existsSync(join(root, "data.half-made-0", "PG_VERSION")));
  await server.release();
});

test("a data folder with other files is refused and not changed", withServer, async (t) => {
  const home = await makeHome(t);
  const { dataDir } = home.serverHome();
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "letter.txt"), "dear");
  await assert.rejects(ensureRunning(home), failsWith(/data/, /belongs to root|not Postgres data/));
  assert.equal(readFileSync(join(dataDir, "letter.txt"), "utf8"), "dear");
});

test("files left by programs killed while unpacking are removed", withServer, async (t) => {
  const home = await makeHome(t);
  const program = startProgram(t, home, { mode: "unpack" });
  await program.attached;
  await program.kill();
  const { root } = home.serverHome();
  const drafts = () => readdirSync(root).filter((name) => name.includes(".draft-"));
  assert.equal(drafts().length, 1);
  const server = await ensureRunning(home);
  assert.deepEqual(drafts(), []);
  await server.release();
});

test("data of another major version is refused with the versions named", withServer, async (t) => {
  const home = await makeHome(t);
  await (await ensureRunning(home)).release();
  writeFileSync(join(home.serverHome().dataDir, "PG_VERSION"), "19\n");
  await assert.rejects(
    ensureRunning(home),
    failsWith(/made by Postgres 19/, /carries Postgres 18/, /JEJAKEKAL_HOME/),
  );
});

async function listen(t: TestContext, port: number, onConnect: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnect(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

const STRANGERS: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => {},
  "hangs up": (socket) => socket.end(),
  "speaks HTTP": (socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
  "speaks gibberish": (socket) => socket.write(Buffer.alloc(4096, "\x00\xffZ\x00\x00\x00\x05R")),
};

for (const [habit, answer] of Object.entries(STRANGERS)) {
  test(
    `a port whose owner ${habit} gives one line that names the port and JEJAKEKAL_PGPORT`,
    withServer,
    async (t) => {
      const home = await makeHome(t);
      await listen(t, home.port, answer);
      await assert.rejects(
        ensureRunning(home),
        failsWith(new RegExp(`Port ${home.port} is taken`), /JEJAKEKAL_PGPORT/),
      );
      assert.deepEqual(readdirSync(home.serverHome().root), []);
    },
  );
}

test(
  "a port taken by the server of another home gives one line that names that home",
  withServer,
  async (t) => {
    const theirs = await makeHome(t);
    const server = await ensureRunning(theirs);
    const ours = { ...(await makeHome(t)), port: theirs.port };
    const line = new RegExp(
      `another jejakekal: set JEJAKEKAL_HOME=${theirs.home} to share it, or JEJAKEKAL_PGPORT`,
    );
    await assert.rejects(ensureRunning(ours), failsWith(line));
    await server.release();
  },
);

test("a port taken by another Postgres gives one line that says so", withServer, async (t) => {
  const theirs = await makeHome(t);
  await (await ensureRunning(theirs)).release();
  // Without the name of a home it looks like a server that no jejakekal has started.
  const nameless = { ...theirs.serverHome(), home: "" };
  await startServer(nameless, `${nameless.root}/postgres-${theirs.binaries.version}`, theirs.port);
  const ours = { ...(await makeHome(t)), port: theirs.port, mayShare: true };
  await assert.rejects(ensureRunning(ours), failsWith(/another Postgres/, /JEJAKEKAL_PGPORT/));
});

test(
  "who asked for no home in particular shares the server that has the port, and stops it",
  withServer,
  async (t) => {
    const theirs = { kind: "embedded", ...(await makeHome(t)) } as const;
    const ours = { ...theirs, home: (await makeHome(t)).home, mayShare: true };
    const { databaseUrl } = await up(theirs);
    const pid = await askForPid(databaseUrl);
    const guest = await openDatabase(ours);
    assert.equal(await askForPid(guest.databaseUrl), pid);
    const { databaseUrl: sharedUrl, startedHere } = await up(ours);
    assert.deepEqual([sharedUrl, startedHere], [databaseUrl, false]);
    assert.deepEqual(readdirSync(openServerHome(ours.home).root), []);
    await guest.release();
    assert.equal(await askForPid(databaseUrl), pid);
    assert.equal(await down(ours), "stopped");
    assert.ok(isGone(pid));
    assert.equal(await down(ours), "not-running");
  },
);

test(
  "of two that start at once, each with a home nobody asked for, one shares the server of the other",
  withServer,
  async (t) => {
    const one = { ...(await makeHome(t)), mayShare: true };
    const two = { ...one, home: (await makeHome(t)).home };
    for (let round = 0; round < 5; round += 1) {
      const servers = await Promise.all([ensureRunning(one), ensureRunning(two)]);
      const [pid, ...others] = await Promise.all(servers.map(({ databaseUrl }) => askForPid(databaseUrl)));
      assert.deepEqual(others, [pid]);
      assert.equal(servers.filter(({ startedHere }) => startedHere).length, 1);
      for (const server of servers) await server.release();
      assert.ok(isGone(pid ?? 0));
    }
  },
);

test("a server that was shared and killed is revived where its data is", withServer, async (t) => {
  const theirs = await makeHome(t);
  const owner = startProgram(t, theirs);
  const { pid } = await owner.attached;
  const ours = { ...theirs, home: (await makeHome(t)).home, mayShare: true };
  const server = await ensureRunning(ours);
  await owner.kill();
  process.kill(pid, "SIGKILL");
  const presentPid = () => askForPid(server.databaseUrl).catch(() => pid);
  await waitUntil(async () => (await presentPid()) !== pid, 20_000);
  const revived = await presentPid();
  assert.equal(await askFor(server.databaseUrl, "show data_directory"), theirs.serverHome().dataDir);
  await server.release();
  assert.ok(isGone(revived));
});

test("a server that nobody uses moves to the port asked for; one in use is named", withServer, async (t) => {
  const home = await makeHome(t);
  const elsewhere = { ...home, port: (await makeHome(t)).port };
  const program = startProgram(t, home);
  const { databaseUrl } = await program.attached;
  await assert.rejects(
    ensureRunning(elsewhere),
    failsWith(new RegExp(`JEJAKEKAL_PGPORT=${home.port}`), /jejakekal down/),
  );
  await program.kill();
  await waitUntil(async () => (await countAttached(databaseUrl)) === 0);
  const server = await ensureRunning(elsewhere);
  assert.match(server.databaseUrl, new RegExp(`:${elsewhere.port}/`));
  await server.release();
});

test("a server whose folder was deleted under it makes room for a new one", withServer, async (t) => {
  const home = await makeHome(t);
  const program = startProgram(t, home);
  const { pid } = await program.attached;
  await program.kill();
  rmSync(home.serverHome().root, { recursive: true });
  const server = await ensureRunning(home);
  assert.equal(server.startedHere, true);
  assert.ok(isGone(pid));
  await server.release();
});

test(
  "programs that come and go all the time never find a server that is being stopped",
  withServer,
  async (t) => {
    const home = await makeHome(t);
    const visit = async (index: number) => {
      await sleep(index * 7);
      for (let round = 0; round < 5; round += 1) {
        const server = await ensureRunning(home);
        assert.equal(await askFor(server.databaseUrl, "select 1"), "1");
        await server.release();
      }
    };
    await Promise.all([0, 1, 2, 3].map(visit));
    assert.equal(await down({ kind: "embedded", ...home }), "not-running");
  },
);

test("reset empties the database even while somebody is connected to it", withServer, async (t) => {
  const home = { kind: "embedded", ...(await makeHome(t)) } as const;
  const database = await openDatabase(home);
  await askFor(database.databaseUrl, "create table gone()");
  await reset(home);
  const tables = "select count(*) from pg_tables where schemaname = 'public'";
  assert.equal(await askFor(database.databaseUrl, tables), "0");
  const external = { kind: "external", url: database.databaseUrl.replace("/jejakekal", "/other") } as const;
  await (await openDatabase(external)).release();
  await askFor(external.url, "create table gone()");
  await assert.rejects(reset(external), failsWith(/holds what is not jejakekal's \(gone\)/, /--force/));
  assert.equal(await askFor(external.url, tables), "1");
  await reset(external, { force: true });
  assert.equal(await askFor(external.url, tables), "0");
  await database.release();
});

test("an external server that does not answer gives one line without the password", withServer, async (t) => {
  const { port } = await makeHome(t);
  const url = `postgresql://u:secret@127.0.0.1:${port}/x`;
  await assert.rejects(openDatabase({ kind: "external", url }), (error) => {
    assert.ok(error instanceof Error && !error.message.includes("secret"));
    return failsWith(/DBOS_SYSTEM_DATABASE_URL/, new RegExp(String(port)))(error);
  });
});
