import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "../log.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { measureSlowness } from "../testing/machine-speed.ts";
import { slow } from "../testing/service.ts";
import { openTcpProxy } from "../testing/tcp-proxy.ts";
import { acquireNodeLock, type NodeLock } from "./node-lock.ts";
import { announceQueuedRun } from "./queued-runs.ts";

describe("the lock on a node's name", () => {
  test("is locked anew by its node when its connection is dropped silently", slow, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using held = await acquire(proxy.url);
    const [before] = await holdersOf(database);
    proxy.drop();
    // The server has to end the old session first: it cannot know that nobody is there any more.
    await pollUntil(
      "another session holds the lock",
      async () => holdersAre(database, (pid) => pid !== before),
      {
        timeoutMs: 12_000 * measureSlowness(),
      },
    );
    await using other = await acquire(database.url);
    assert.deepEqual([held.lock.name, other.lock.name], ["local", "local.2"]);
  });

  test("is lost to another program that takes it while its node is cut off", slow, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using cutOff = await acquire(proxy.url);
    await proxy.cut();
    await using heir = await acquire(database.url);
    assert.equal(heir.lock.name, "local");
    assert.equal(await cutOff.lock.whileDead("nobody", async () => undefined), false, "it has no session");
    await proxy.heal();
    await cutOff.lock.whenNameLost;
  });

  test("leaves no session behind when it is closed while it is locked anew", slow, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using held = await acquire(proxy.url);
    const [before] = await sessionsIn(database);
    proxy.delay(200);
    proxy.reset();
    await pollUntil("a new session is opened", async () =>
      (await sessionsIn(database)).some((pid) => pid !== before),
    );
    await held.lock.close();
    assert.deepEqual(await sessionsIn(database), []);
  });
  test("hears on its session when a run is put into the queue, also on the next session", slow, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using held = await acquire(proxy.url);
    const [before] = await holdersOf(database);
    const session = await database.connect();
    let heard = 0;
    held.lock.onRunQueued(() => {
      heard += 1;
    });
    await announceQueuedRun(session);
    await pollUntil("the announcement is heard", async () => heard === 1);
    proxy.reset();
    await pollUntil("another session listens", async () => holdersAre(database, (pid) => pid !== before));
    await pollUntil("an announcement is heard again", async () => {
      await announceQueuedRun(session);
      return heard > 1;
    });
  });
});

async function acquire(databaseUrl: string): Promise<{ lock: NodeLock } & AsyncDisposable> {
  const lock = await acquireNodeLock(
    { databaseUrl, serverId: undefined },
    "local",
    createLog({ level: "silent" }),
  );
  return { lock, [Symbol.asyncDispose]: () => lock.close() };
}

async function holdersAre(database: TestDatabase, matches: (pid: number) => boolean): Promise<boolean> {
  const holders = await holdersOf(database);
  return holders.length === 1 && holders.every(matches);
}

async function holdersOf(database: TestDatabase): Promise<readonly number[]> {
  const rows = await database.query<{ pid: number }>(
    `select l.pid from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
      where l.locktype = 'advisory' and l.granted`,
  );
  return rows.map(({ pid }) => pid);
}

async function sessionsIn(database: TestDatabase): Promise<readonly number[]> {
  const rows = await database.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and application_name = 'jejakekal node'",
  );
  return rows.map(({ pid }) => pid);
}
