import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../log.ts";
import { settledWithin } from "../time-limit.ts";
import { demandServer, type ServerId } from "./server-identity.ts";

/**
 * A node's name, held by a database session: as long as this program lives it is the only one by that name, and the moment
 * it dies the database knows. No lease, no clock.
 */
export type NodeLock = Readonly<{
  name: string;
  /** Settles when another program has taken the name for good; this one must stop, for its runs are no longer its own. */
  whenDisplaced: Promise<void>;
  /** Calls `work` while holding the name of another node, which shows that the node is dead; false when it is alive. */
  whileDead(name: string, work: () => Promise<void>): Promise<boolean>;
  close(): Promise<void>;
}>;

type Server = Readonly<{ databaseUrl: string; serverId: ServerId }>;

const NODE_LOCK_CLASS = 7_310_118;
const MAX_NAMESAKES = 64;

/** A name that was taken for a moment is that of a node which somebody took for dead; its own program may want it back. */
const NAME_TRIES = 10;
const NAME_RETRY_MS = 25;

const RETAKE_MS = 250;
/** Longer than the server takes to notice that a session of ours has gone without a word. */
const DISPLACED_AFTER_MS = 10_000;

/** A session that does not answer within this time is given up and opened anew. */
const HEARTBEAT_MS = 1_000;
const SILENCE_MS = 3_000;

/** Has the server find out within as many seconds that the machine at the other end is gone. */
const NOTICE_LOST_PEERS =
  "set tcp_keepalives_idle = 1; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2";

/**
 * Takes the name `wanted`, or `wanted.2`, `wanted.3` … when it is taken: a second program on one machine is a node of its
 * own, or it would take up the runs that the first is in the middle of.
 */
export async function holdNode(server: Server, wanted: string, log: Log): Promise<NodeLock> {
  const trouble = (error: unknown) => log.databaseTrouble({ error });
  const displaced = Promise.withResolvers<void>();
  let client = await openSession(server, trouble);
  const name = await takeFreeName(client, wanted).catch(async (error: unknown) => {
    await client.end();
    throw error;
  });
  let closing = false;

  const watch = (held: pg.Client) => {
    const heartbeat = setInterval(() => {
      held.query("select 1").catch(() => held.connection.stream.destroy());
    }, HEARTBEAT_MS);
    held.on("end", () => {
      clearInterval(heartbeat);
      void retake();
    });
  };

  const retake = async () => {
    const lostAt = performance.now();
    while (!closing) {
      try {
        const fresh = await openSession(server, trouble);
        if (!closing && (await tryLock(fresh, name))) {
          client = fresh;
          watch(fresh);
          return;
        }
        await fresh.end();
        if (performance.now() - lostAt > DISPLACED_AFTER_MS) displaced.resolve();
      } catch (error) {
        trouble(error);
      }
      await sleep(RETAKE_MS);
    }
  };
  watch(client);

  return {
    name,
    whenDisplaced: displaced.promise,
    async whileDead(other, work) {
      if (!(await tryLock(client, other))) return false;
      try {
        await work();
        return true;
      } finally {
        await client.query("select pg_advisory_unlock($1, hashtext($2))", [NODE_LOCK_CLASS, other]);
      }
    },
    async close() {
      closing = true;
      // A server that says nothing is not waited for; the session goes down with the program.
      await settledWithin(SILENCE_MS, client.end());
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
    query_timeout: SILENCE_MS,
  });
  client.on("error", onError);
  await client.connect();
  try {
    await demandServer(client, serverId);
    await client.query(NOTICE_LOST_PEERS);
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

async function takeFreeName(client: pg.Client, wanted: string): Promise<string> {
  for (let number = 1; number <= MAX_NAMESAKES; number += 1) {
    const name = number === 1 ? wanted : `${wanted}.${number}`;
    for (let attempt = 1; attempt <= (number === 1 ? NAME_TRIES : 1); attempt += 1) {
      if (await tryLock(client, name)) return name;
      await sleep(NAME_RETRY_MS);
    }
  }
  throw new Error(`${MAX_NAMESAKES} nodes named ${wanted} are at work already`);
}

async function tryLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    "select pg_try_advisory_lock($1, hashtext($2)) as taken",
    [NODE_LOCK_CLASS, name],
  );
  return rows[0]?.taken ?? false;
}
