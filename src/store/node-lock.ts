import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../log.ts";
import { settleWithin } from "../timeout.ts";
import { assertSameCluster, type ServerId } from "./cluster-identity.ts";
import { LISTEN_FOR_QUEUED_RUNS } from "./queued-runs.ts";
import { createTurns } from "./turns.ts";

/**
 * The name of a node, held by an advisory lock of a database session. While the program lives no other program has the name, and
 * when it dies the database releases the lock at once: no lease has to run out, and no clocks are compared.
 */
export type NodeLock = Readonly<{
  name: string;
  /** Resolves when another program holds the name: this one must take another, because its runs are recovered by the other. */
  whenNameLost: Promise<void>;
  /**
   * Calls `work` while holding the lock of another node, which proves that node dead; false when the node is alive, and while this
   * node has no session.
   */
  whileDead(name: string, work: () => Promise<void>): Promise<boolean>;
  /** Has `listener` called when another program has put a run into the queue; the session of the lock listens for that too. */
  onRunQueued(listener: () => void): void;
  close(): Promise<void>;
}>;

type NodeLockLog = Pick<Log, "databaseTrouble">;

type Server = Readonly<{ databaseUrl: string; serverId: ServerId }>;

const NODE_LOCK_CLASS = 7_310_118;
const MAX_NODES_PER_NAME = 64;

/** Another node that checks whether this one is dead holds the lock for a moment; the owner tries again. */
const LOCK_ATTEMPTS = 10;
const LOCK_RETRY_MS = 25;

const RELOCK_INTERVAL_MS = 250;
/** Longer than the server takes to end a session whose client has vanished. */
const NAME_LOST_AFTER_MS = 10_000;

const HEARTBEAT_INTERVAL_MS = 1_000;
/** A statement without content: the server plans and runs nothing, and knows that the client is there. */
const HEARTBEAT = "-- heartbeat";
/** A session that does not answer for this long is closed and replaced. */
const ANSWER_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Lets the server end the session, and so release its locks, within some seconds when it cannot reach the client: by TCP keepalives
 * when the client's machine has vanished, and by the missing heartbeats when a proxy between them still acknowledges the keepalives.
 * `idle_session_timeout` exists from Postgres 14 on.
 */
const SET_SERVER_TIMEOUTS = `
  set tcp_keepalives_idle = 1; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2;
  select set_config(name, '5s', false) from pg_settings where name = 'idle_session_timeout'`;

/**
 * Locks the name `wanted`, or `wanted.2`, `wanted.3` … when it is in use: a second program on one machine is a node of its own, so
 * that it does not recover runs that the first is executing.
 */
export async function acquireNodeLock(server: Server, wanted: string, log: NodeLockLog): Promise<NodeLock> {
  const onError = (error: unknown) => log.databaseTrouble({ error });
  const nameLost = Promise.withResolvers<void>();
  let onRunQueued: () => void = () => undefined;
  const open = () => openSession(server, { onError, onNotification: () => onRunQueued() });
  const first = await open();
  const name = await lockFreeName(first, wanted).catch(async (error: unknown) => {
    await first.end();
    throw error;
  });
  /** Undefined while it is replaced. */
  let session: Session | undefined;
  let relocking: Promise<void> | undefined;
  let isClosing = false;

  const hold = (current: Session) => {
    session = current;
    const heartbeat = setInterval(() => void current.query(HEARTBEAT).catch(onError), HEARTBEAT_INTERVAL_MS);
    current.whenEnded.then(() => {
      clearInterval(heartbeat);
      session = undefined;
      relocking = relock();
    });
  };

  const relock = async () => {
    let refusedAt: number | undefined;
    while (!isClosing) {
      try {
        const fresh = await open();
        if ((await tryLock(fresh, name)) && !isClosing) return hold(fresh);
        await fresh.end();
        refusedAt ??= performance.now();
        if (performance.now() - refusedAt > NAME_LOST_AFTER_MS) return nameLost.resolve();
      } catch (error) {
        onError(error);
      }
      await sleep(RELOCK_INTERVAL_MS);
    }
  };
  hold(first);

  return {
    name,
    whenNameLost: nameLost.promise,
    async whileDead(other, work) {
      const current = session;
      if (current === undefined || !(await tryLock(current, other))) return false;
      try {
        await work();
        return true;
      } finally {
        await current.query("select pg_advisory_unlock($1, hashtext($2))", [NODE_LOCK_CLASS, other]);
      }
    },
    onRunQueued(listener) {
      onRunQueued = listener;
    },
    async close() {
      isClosing = true;
      // A server that does not answer is not waited for.
      await settleWithin(Promise.all([session?.end(), relocking]), ANSWER_TIMEOUT_MS);
    },
  };
}

/** A database session. A query that fails, or gets no answer in time, ends it: what it has locked is then uncertain. */
type Session = Readonly<{
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  whenEnded: Promise<void>;
  /** Resolves when the session has ended, or could not be ended in time and its connection was closed. */
  end(): Promise<void>;
}>;

async function openSession(
  { databaseUrl, serverId }: Server,
  { onError, onNotification }: { onError: (error: unknown) => void; onNotification: () => void },
): Promise<Session> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "jejakekal node",
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  });
  client.on("error", onError);
  client.on("notification", onNotification);
  const whenEnded = new Promise<void>((resolve) => client.once("end", resolve));
  const destroy = () => void client.connection.stream.destroy();
  try {
    await client.connect();
    await assertSameCluster(client, serverId);
    await client.query(`${SET_SERVER_TIMEOUTS}; ${LISTEN_FOR_QUEUED_RUNS}`);
  } catch (error) {
    destroy();
    throw error;
  }
  const inTurn = createTurns();
  return {
    // The heartbeat may come while another query is under way.
    query: <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      inTurn("query", async () => {
        try {
          return (await client.query<Row>(text, [...values])).rows;
        } catch (error) {
          destroy();
          throw error;
        }
      }),
    whenEnded,
    async end() {
      await settleWithin(client.end(), ANSWER_TIMEOUT_MS);
      destroy();
    },
  };
}

async function lockFreeName(session: Session, wanted: string): Promise<string> {
  for (let number = 1; number <= MAX_NODES_PER_NAME; number += 1) {
    const name = number === 1 ? wanted : `${wanted}.${number}`;
    for (let attempt = 1; attempt <= (number === 1 ? LOCK_ATTEMPTS : 1); attempt += 1) {
      if (await tryLock(session, name)) return name;
      await sleep(LOCK_RETRY_MS);
    }
  }
  throw new Error(`${MAX_NODES_PER_NAME} nodes named ${wanted} are running already`);
}

async function tryLock(session: Session, name: string): Promise<boolean> {
  const [row] = await session.query<{ locked: boolean }>(
    "select pg_try_advisory_lock($1, hashtext($2)) as locked",
    [NODE_LOCK_CLASS, name],
  );
  return row?.locked ?? false;
}
