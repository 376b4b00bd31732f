import type pg from "pg";
import type { Log } from "../log.ts";
import type { ServerId } from "./cluster-identity.ts";
import { openPool } from "./pool.ts";

/** What a query is sent to: a pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, "query">;

/** A connection that is borrowed from a pool. */
export type Connection = pg.PoolClient;

export type ConnectionPool = pg.Pool;

export type Database = Readonly<{
  pool: ConnectionPool;
  /** Runs `work` on one connection, and closes the connection when `work` throws. */
  withConnection<Result>(work: (client: Connection) => Promise<Result>): Promise<Result>;
  /** Runs `work` in one transaction; commits when it returns, rolls back when it throws. */
  transaction<Result>(work: (client: Connection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}>;

const CONNECT_TIMEOUT_MS = 5_000;

/** A connection on which no answer comes within this time has most likely been dropped by the network. */
const ANSWER_TIMEOUT_MS = 12_000;

/** Ends what the server still works on when its client has closed the connection. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** A transaction of a client that has gone keeps its locks for this long. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;

export function openDatabase({
  url,
  serverId,
  poolSize,
  log,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
}: {
  url: string;
  serverId: ServerId;
  poolSize: number;
  log: Pick<Log, "databaseTrouble">;
  /** How long a caller waits for a free connection; 0 waits without end. */
  connectTimeoutMs?: number;
}): Database {
  const pool = openPool({
    url,
    serverId,
    maxConnections: poolSize,
    applicationName: "jejakekal",
    connectTimeoutMs,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    log,
  });
  return {
    pool,
    async withConnection(work) {
      const client = await pool.connect();
      let mustClose = true;
      try {
        const result = await work(client);
        mustClose = false;
        return result;
      } finally {
        client.release(mustClose);
      }
    },
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const result = await work(client);
        await client.query("commit");
        client.release();
        return result;
      } catch (error) {
        // A connection that cannot roll back is closed together with its transaction.
        const mustClose = await client.query("rollback").then(
          () => false,
          () => true,
        );
        client.release(mustClose);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** The `like` pattern that matches `text`, taken literally, anywhere in a value. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
