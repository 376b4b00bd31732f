import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../log.ts";
import { settleWithin } from "../timeout.ts";
import { assertSameCluster, type ServerId } from "./cluster-identity.ts";

/**
 * The name of a node, held by an advisory lock of a database session. While the program lives no other program has the name, and
 * when it dies the database releases the lock at once: no lease has to run out, and no clocks are compared.
 */
export type NodeLock = Readonly<{
  name: string;
  /** Resolves when another program holds the name; this one must stop, because its runs are recovered by the other. */
  whenNameLost: Promise<void>;
  /** Calls `work` while holding the lock of another node, which proves that node dead; false when the node is alive. */
  whileDead(name: string, work: () => Promise<void>): Promise<boolean>;
  close(): Promise<void>;
}>;

type Server = Readonly<{ databaseUrl: string; serverId: ServerId }>;

const NODE_LOCK_CLASS = 7_310_118;
const MAX_NODES_PER_NAME = 64;

/** Another node that checks whether this one is dead holds the lock for a moment; the owner tries again. */
const LOCK_ATTEMPTS = 10;
const LOCK_RETRY_MS = 25;

const RELOCK_INTERVAL_MS = 250;
/** Longer than the server takes to notice that a session's client has vanished. */
const NAME_LOST_AFTER_MS = 10_000;

const HEARTBEAT_INTERVAL_MS = 1_000;
/** A session that does not answer for this long is closed and replaced. */
const ANSWER_TIMEOUT_MS = 3_000;

/** Lets the server notice within three seconds that the client's machine has vanished. */
const SET_SERVER_KEEPALIVE =
  "set tcp_keepalives_idle = 1; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2";

/**
 * Locks the name `wanted`, or `wanted.2`, `wanted.3` … when it is in use: a second program on one machine is a node of its own, so
 * that it does not recover runs that the first is executing.
 */
export async function acquireNodeLock(server: Server, wanted: string, log: Log): Promise<NodeLock> {
  const onError = (error: unknown) => log.databaseTrouble({ error });
  const nameLost = Promise.withResolvers<void>();
  let session = await openSession(server, onError);
  const name = await lockFreeName(session, wanted).catch(async (error: unknown) => {
    await session.end();
    throw error;
  });
  let isClosing = false;

  const keep = (current: pg.Client) => {
    const heartbeat = setInterval(() => {
      current.query("select 1").catch(() => current.connection.stream.destroy());
    }, HEARTBEAT_INTERVAL_MS);
    current.on("end", () => {
      clearInterval(heartbeat);
      void relock();
    });
  };

  const relock = async () => {
    const lostAt = performance.now();
    while (!isClosing) {
      try {
        const fresh = await openSession(server, onError);
        if (!isClosing && (await tryLock(fresh, name))) {
          session = fresh;
          keep(fresh);
          return;
        }
        await fresh.end();
        if (performance.now() - lostAt > NAME_LOST_AFTER_MS) nameLost.resolve();
      } catch (error) {
        onError(error);
      }
      await sleep(RELOCK_INTERVAL_MS);
    }
  };
  keep(session);

  return {
    name,
    whenNameLost: nameLost.promise,
    async whileDead(other, work) {
      if (!(await tryLock(session, other))) return false;
      try {
        await work();
        return true;
      } finally {
        await session.query("select pg_advisory_unlock($1, hashtext($2))", [NODE_LOCK_CLASS, other]);
      }
    },
    async close() {
      isClosing = true;
      // A server that does not answer is not waited for; the session ends with the process.
      await settleWithin(session.end(), ANSWER_TIMEOUT_MS);
    },
  };
}

async function openSession(
  { databaseUrl, serverId }: Server,
  onError: (error: unknown) => void,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "jejakekal node",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: ANSWER_TIMEOUT_MS,
  });
  client.on("error", onError);
  await client.connect();
  try {
    await assertSameCluster(client, serverId);
    await client.query(SET_SERVER_KEEPALIVE);
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

async function lockFreeName(client: pg.Client, wanted: string): Promise<string> {
  for (let number = 1; number <= MAX_NODES_PER_NAME; number += 1) {
    const name = number === 1 ? wanted : `${wanted}.${number}`;
    for (let attempt = 1; attempt <= (number === 1 ? LOCK_ATTEMPTS : 1); attempt += 1) {
      if (await tryLock(client, name)) return name;
      await sleep(LOCK_RETRY_MS);
    }
  }
  throw new Error(`${MAX_NODES_PER_NAME} nodes named ${wanted} are running already`);
}

async function tryLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "select pg_try_advisory_lock($1, hashtext($2)) as locked",
    [NODE_LOCK_CLASS, name],
  );
  return rows[0]?.locked ?? false;
}
