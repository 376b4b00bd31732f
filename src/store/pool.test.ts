import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "../log.ts";
import { cloneDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import { openTcpProxy } from "../testing/tcp-proxy.ts";
import { openPool, type PoolSettings, sizedTimeoutMs } from "./pool.ts";

const ANSWER_TIMEOUT_MS = 1_000;
const CONNECTIONS = 4;

test("a statement may take longer when it carries more: a start of 256 MiB over a minute", () => {
  assert.equal(sizedTimeoutMs(0), 10_000);
  assert.ok(sizedTimeoutMs(2 ** 28) > 60_000);
});

describe("a pool whose connections are dropped silently", () => {
  test("fails one query, closes the other idle connections with it, and goes on", slow, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using undo = new AsyncDisposableStack();
    const [pool, other] = [openFor(proxy.url, undo), openFor(proxy.url, undo)];
    await openAll(pool);
    await openAll(other);
    proxy.drop();
    const began = performance.now();
    await assert.rejects(pool.query("select 1"), { code: "08006" });
    const failedAfterMs = performance.now() - began;
    assert.ok(failedAfterMs >= ANSWER_TIMEOUT_MS, `it failed after ${failedAfterMs} ms`);
    await openAll(pool);
    await openAll(other);
  });

  test("keeps the connections that have answered since the silent query began", slow, async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using undo = new AsyncDisposableStack();
    const [dropped, sound] = [openFor(proxy.url, undo), openFor(database.url, undo)];
    await dropped.query("select 1");
    const pidOf = async () => (await sound.query("select pg_backend_pid() as pid")).rows[0]?.pid;
    const pid = await pidOf();
    proxy.drop();
    const failing = assert.rejects(dropped.query("select 1"), { code: "08006" });
    assert.equal(await pidOf(), pid);
    await failing;
    assert.equal(await pidOf(), pid);
  });
});

test(
  "a pool whose callers wait without end for a free connection gives up one that is not established",
  slow,
  async () => {
    await using database = await cloneDatabase();
    await using proxy = await openTcpProxy(database.url);
    await using undo = new AsyncDisposableStack();
    const pool = openFor(proxy.url, undo, { connectTimeoutMs: 0 });
    proxy.stall();
    await assert.rejects(pool.query("select 1"), { code: "08001" });
    await proxy.heal();
    await pool.query("select 1");
  },
);

test(
  "a pool prepares the statements that are sent often, and replaces a connection whose statement is outdated",
  slow,
  async () => {
    await using database = await cloneDatabase();
    await using undo = new AsyncDisposableStack();
    const pool = openFor(database.url, undo, { maxConnections: 1 });
    await database.query("create table thing (id int)");
    const read = () => pool.query("select * from thing where id = $1", [1]);
    const prepared = async () =>
      (await pool.query("select statement from pg_prepared_statements order by statement")).rows;
    await read();
    assert.deepEqual(await prepared(), [], "one use may be the only one");
    await read();
    await pool.query({ text: "select $1::text as word", values: ["a"] });
    await pool.query({ text: "select $1::text as word", values: ["b"] });
    assert.deepEqual(
      (await prepared()).map(({ statement }) => statement),
      ["select $1::text as word", "select * from thing where id = $1"],
    );
    await database.query("alter table thing add column word text");
    await assert.rejects(read, { code: "08006" });
    assert.deepEqual(
      (await read()).fields.map(({ name }) => name),
      ["id", "word"],
    );
  },
);

function openFor(url: string, undo: AsyncDisposableStack, settings: Partial<PoolSettings> = {}) {
  const pool = openPool({
    url,
    serverId: undefined,
    maxConnections: CONNECTIONS,
    applicationName: "pool test",
    connectTimeoutMs: 5_000,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    log: createLog({ level: "silent" }),
    ...settings,
  });
  undo.defer(() => pool.end());
  return pool;
}

/** Uses as many connections as the pool has, all at once. */
async function openAll(pool: ReturnType<typeof openPool>): Promise<void> {
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query("select pg_sleep(0.1)")));
}
